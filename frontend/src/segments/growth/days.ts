/** Days as charts name them. A day is a date of the workspace's zone, not an instant. Pure. */

const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const long = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});

/** "3 Jun" */
export const shortDay = (day: string): string => short.format(new Date(`${day}T00:00:00Z`));

/** "Wed, 3 Jun 2026" */
export const longDay = (day: string): string => long.format(new Date(`${day}T00:00:00Z`));
