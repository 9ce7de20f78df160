/** CodeMirror for Liquid in HTML or in text: loaded only where a template is edited. */

import { html } from '@codemirror/lang-html';
import { liquid } from '@codemirror/lang-liquid';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { EditorView, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { t } from '@lingui/core/macro';
import { basicSetup } from 'codemirror';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import classes from './Messages.module.css';

export interface CodeEditorHandle {
  /** Puts text where the cursor is, and the focus back into the editor. */
  insert: (text: string) => void;
}

interface CodeEditorProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  onFocus?: () => void;
  language: 'html' | 'text';
  readOnly?: boolean;
  ref?: Ref<CodeEditorHandle>;
}

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '12.5px', backgroundColor: 'var(--panel)', color: 'var(--ink)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace' },
  '.cm-gutters': {
    backgroundColor: 'var(--panel)',
    color: 'var(--ink-3)',
    borderRight: '1px solid var(--line)',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--bg)' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'var(--accent-ground) !important',
  },
  '.cm-panels': { backgroundColor: 'var(--bg)', color: 'var(--ink)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--panel)',
    border: '1px solid var(--line-strong)',
    borderRadius: '8px',
  },
});

const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.tagName, tags.angleBracket], color: 'var(--condition)' },
    { tag: tags.attributeName, color: 'var(--ink-2)' },
    { tag: [tags.string, tags.attributeValue], color: 'var(--warn)' },
    { tag: [tags.keyword, tags.controlKeyword], color: 'var(--trigger)' },
    { tag: [tags.brace, tags.variableName, tags.propertyName], color: 'var(--accent)' },
    { tag: tags.comment, color: 'var(--ink-3)' },
  ]),
);

export default function CodeEditor(props: CodeEditorProps) {
  const { label, value, language, readOnly = false, ref } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const said = useRef(props);
  const first = useRef({ value, label, language, readOnly });
  said.current = props;

  useEffect(() => {
    if (!host.current) return;
    const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;
    const start = first.current;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: start.value,
        extensions: [
          basicSetup,
          start.language === 'html' ? liquid({ base: html() }) : liquid(),
          look,
          colours,
          EditorView.lineWrapping,
          placeholder(start.language === 'html' ? t`HTML with Liquid` : t`Text with Liquid`),
          EditorState.readOnly.of(start.readOnly),
          EditorView.contentAttributes.of({ 'aria-label': start.label, tabindex: '0' }),
          EditorView.cspNonce.of(nonce ?? ''),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) said.current.onChange(update.state.doc.toString());
            if (update.focusChanged && update.view.hasFocus) said.current.onFocus?.();
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useImperativeHandle(ref, () => ({
    insert: (text) => {
      const editor = view.current;
      if (!editor) return;
      editor.dispatch(editor.state.replaceSelection(text));
      editor.focus();
    },
  }));

  return <div ref={host} className={classes.code} />;
}
