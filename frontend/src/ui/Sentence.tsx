/** A sentence that says what a setting does; `**words**` in it are set strong. */
import classes from './Sentence.module.css';

export function Sentence({ text, size = 'lead' }: { text: string; size?: 'lead' | 'text' }) {
  const parts = text.split('**');
  return (
    <p className={classes.sentence} data-size={size}>
      {parts.map((part, index) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text have no other name
        index % 2 === 1 ? <strong key={index}>{part}</strong> : part,
      )}
    </p>
  );
}
