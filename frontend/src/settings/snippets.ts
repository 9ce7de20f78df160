/** The few lines that send data here, for the languages of the day. Pure. */

export interface Snippet {
  language: string;
  install: string;
  code: string;
}

export function snippets(host: string, key: string): Snippet[] {
  return [
    {
      language: 'Python',
      install: 'pip install segment-analytics-python',
      code: `import segment.analytics as analytics

analytics.write_key = "${key}"
analytics.host = "${host}"

analytics.identify("customer-1", {"email": "ada@example.com", "plan": "trial"})
analytics.track("customer-1", "Order Completed", {"total": 50, "currency": "EUR"})
analytics.flush()`,
    },
    {
      language: 'JavaScript',
      install: 'npm install @segment/analytics-node',
      code: `import { Analytics } from '@segment/analytics-node';

const analytics = new Analytics({ writeKey: '${key}', host: '${host}' });

analytics.identify({ userId: 'customer-1', traits: { email: 'ada@example.com', plan: 'trial' } });
analytics.track({ userId: 'customer-1', event: 'Order Completed', properties: { total: 50 } });
await analytics.closeAndFlush();`,
    },
    {
      language: 'curl',
      install: '',
      code: `curl ${host}/v1/track -u ${key}: -H 'Content-Type: application/json' -d '{
  "userId": "customer-1",
  "event": "Order Completed",
  "properties": {"total": 50}
}'`,
    },
  ];
}
