// Sends messages with the real @segment/analytics-node, unmodified: `node intake.mjs HOST WRITE_KEY`.
// The package is the frontend's development dependency, so it is resolved from there.
import { createRequire } from "node:module";

const require = createRequire(new URL("../../../frontend/package.json", import.meta.url));
const { Analytics } = require("@segment/analytics-node");

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey, path: "/v1/batch", maxRetries: 1 });
const failures = [];
analytics.on("error", (failure) => failures.push(failure));

analytics.track({ anonymousId: "a1", event: "Product Added", properties: { price: 9.5 } });
analytics.identify({
  userId: "u1",
  anonymousId: "a1",
  traits: { email: "ada@x.io", firstName: "Ada", company: { name: "Acme" }, seats: 3 },
});
analytics.track({
  userId: "u1",
  event: "Order Completed",
  properties: { total: 50 },
  timestamp: new Date(Date.now() - 86_400_000),
});
analytics.page({ userId: "u1", name: "Pricing", properties: { url: "https://x.io/pricing" } });
analytics.screen({ userId: "u1", name: "Home" });
analytics.group({ userId: "u1", groupId: "g1", traits: { name: "Acme" } });
analytics.alias({ userId: "u1", previousId: "a9" });
await analytics.closeAndFlush();

if (failures.length > 0) {
  console.error(failures);
  process.exit(1);
}
