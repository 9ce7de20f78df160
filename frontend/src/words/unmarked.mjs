/**
 * Finds words that people read and that no macro of Lingui marks, so that no translator would ever
 * see them (decision 22). Run by `npm run words:check`.
 *
 * Code cannot tell a word from a name, so this judges by the form: text between tags, attributes
 * and properties that are read, pieces of a marked sentence, and any string of two words or with a
 * capital letter. What looks like words and is none belongs in NO_WORDS, by its kind.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const SOURCES = 'src';
const MACROS = /^(t|plural|select|selectOrdinal|Trans|Plural|Select)$/;

/** Attributes, properties and parameters whose value is read or spoken, even one small word. */
const READ =
  /^(label|title|alt|placeholder|description|suffix|aria-(label|description|roledescription))$/;

/** Attributes and properties that name something to a program. */
const UNREAD =
  /^(className|classNames|style|styles|[dp]|data-.*|.*(key|Key)|id|name|path|href|to|role|type|variant|group|icon|branch|word)$/;

/** Calls whose strings are read by programs. */
const CALLS =
  /^(console\.\w+|url|clsx|(.+\.)?(closest|querySelector(All)?|matchMedia|includes|startsWith|endsWith|has|setRequestHeader|replace|replaceAll|split|match|test|toLocale\w+))$/;

/** What has the form of words and is none. */
const NO_WORDS = [
  // keys of the keyboard
  /^(Ctrl|Control|Meta|Alt|Shift|Tab|Enter|Esc|Escape|Del|Arrow\w+)( .*)?$/,
  // styles
  /\b(var|rgb|calc|translate|scale|url|minmax|repeat)\(|\b\d+(px|ms|fr|em)\b|\bsans-serif|monospace\b/,
  // types of content, headers and addresses
  /^(application|text|image)\/|^Authorization: |^(https?|wss?)\b|^\/api\//,
  // names of products, units and formats
  /^… (ms|UTC)$|^… · Millrace$|^(Python|Millrace|HTML|JSON|CSV|Liquid|KB|MB|GB)$/,
  // names of events and an example of a person: data
  /^(Order Completed|Product Added|Unsubscribed|Ada)$/,
  // code, HTML and Liquid to begin with
  /^(import|pip|npm|curl) |^<|\{[{%]/,
];

const files = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    return /\.tsx?$/.test(path) && !/\.test\.tsx?$|\.d\.ts$/.test(path) ? [path] : [];
  });

/** The words of a literal, with "…" for what is put in; null for any other node. */
function textOf(node) {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isJsxText(node)) return node.text.trim();
  if (!ts.isTemplateExpression(node)) return null;
  return [node.head, ...node.templateSpans.map((span) => span.literal)]
    .map((piece) => piece.text)
    .join('…');
}

const nameOf = (node) => node.name?.getText().replace(/^'|'$/g, '');

/** Whether a literal is a value that an attribute, property or parameter of that kind holds. */
function isHeldBy(node, names) {
  let { parent } = node;
  while (
    ts.isConditionalExpression(parent) ||
    ts.isJsxExpression(parent) ||
    ts.isParenthesizedExpression(parent) ||
    ts.isBinaryExpression(parent)
  ) {
    parent = parent.parent;
  }
  const holds = [
    ts.isJsxAttribute,
    ts.isPropertyAssignment,
    ts.isBindingElement,
    ts.isVariableDeclaration,
  ].some((is) => is(parent));
  return holds && names.test(nameOf(parent));
}

/** Whether a literal is one of the pieces that a longer text is made of. */
function isPiece(node) {
  let { parent } = node;
  while (ts.isConditionalExpression(parent) || ts.isParenthesizedExpression(parent)) {
    parent = parent.parent;
  }
  return (
    ts.isTemplateSpan(parent) || (ts.isJsxExpression(parent) && !ts.isJsxAttribute(parent.parent))
  );
}

function looksLikeWords(node, text) {
  if (NO_WORDS.some((form) => form.test(text)) || !/\p{L}{2}/u.test(text)) return false;
  if (ts.isJsxText(node) || isHeldBy(node, READ)) return true;
  if (isHeldBy(node, UNREAD)) return false;
  if (isPiece(node) && /^[\p{L} ’,.]+$/u.test(text)) return true;
  if (/\p{L}{2,} …|… \p{L}{2}/u.test(text)) return true;
  return /(^|[\s“(])\p{Lu}\p{Ll}+([\s,.:?]|$)/u.test(text) || /\p{L} \p{Ll}{2}/u.test(text);
}

/** Nodes whose strings are marked, compared or named to programs: not looked into. */
function isQuiet(node) {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node))
    return true;
  if (ts.isCallExpression(node)) return CALLS.test(node.expression.getText());
  if (ts.isNewExpression(node)) return /Error$|RegExp$/.test(node.expression.getText());
  if (ts.isTaggedTemplateExpression(node)) return CALLS.test(node.tag.getText());
  return false;
}

/** What a marked element holds besides its words: tags inside it belong to its sentence. */
function withoutText(element) {
  const inner = element.children.flatMap((child) =>
    ts.isJsxElement(child) || ts.isJsxFragment(child) ? withoutText(child) : child,
  );
  const tag = element.openingElement?.attributes.properties ?? [];
  return [...tag, ...inner.filter((child) => !ts.isJsxText(child))];
}

/** Everything below a node that is to be judged: of a marked text, only what is put into it. */
function judgedBelow(node) {
  if (ts.isTaggedTemplateExpression(node) && MACROS.test(node.tag.getText())) {
    const spans = ts.isTemplateExpression(node.template) ? node.template.templateSpans : [];
    return spans;
  }
  if (ts.isCallExpression(node) && MACROS.test(node.expression.getText())) return [];
  if (ts.isJsxElement(node) && MACROS.test(node.openingElement.tagName.getText())) {
    return withoutText(node);
  }
  if (ts.isJsxSelfClosingElement(node) && MACROS.test(node.tagName.getText())) return [];
  if (ts.isCaseClause(node)) return node.statements;
  if (ts.isBinaryExpression(node) && /^[!=]==?$/.test(node.operatorToken.getText())) return [];
  if (ts.isElementAccessExpression(node)) return [node.expression];
  if (ts.isPropertyAssignment(node)) return [node.initializer];
  return node.getChildren();
}

function unmarkedIn(file) {
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(
    file,
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
    kind,
  );
  const found = [];
  const visit = (node) => {
    if (isQuiet(node)) return;
    const text = textOf(node);
    if (text !== null && looksLikeWords(node, text)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1}: ${text.replace(/\s+/g, ' ').slice(0, 100)}`);
    }
    judgedBelow(node).forEach(visit);
  };
  visit(source);
  return found;
}

const found = files(SOURCES).flatMap(unmarkedIn);
if (found.length > 0) {
  console.error(found.join('\n'));
  console.error(
    `\n${found.length} unmarked: mark what is read with t, plural or <Trans> (docs/decisions/0022), ` +
      'as a whole sentence; name what is no word by its kind in NO_WORDS of src/words/unmarked.mjs.',
  );
  process.exitCode = 1;
}
