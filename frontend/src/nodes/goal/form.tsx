export function Form() {
  return <p>Who comes here leaves the flow as converted.</p>;
}
