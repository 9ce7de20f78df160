import classes from './Avatar.module.css';
import { initials } from './format';

/** A person's initials in a circle. */
export function Avatar({ name, size = 26 }: { name: string; size?: number }) {
  return (
    <span className={classes.avatar} style={{ width: size, height: size }} aria-hidden>
      {initials(name)}
    </span>
  );
}
