export function Form() {
  return <p>Contacts enter when somebody adds them here, or a program does by the API.</p>;
}
