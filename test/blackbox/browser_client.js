// A page in Chromium that runs MQTT.js, driven by playwright-core.
//   node browser_client.js CHROMIUM PAGE-URL BROKER-URL TOPIC
// The page connects, subscribes to TOPIC, publishes to it with QoS 0, 1 and 2,
// and a payload of 300,000 bytes; what it got is printed as one line of JSON.
'use strict';

const { chromium } = require('playwright-core');

async function exchange([url, topic]) {
  const client = mqtt.connect(url, { reconnectPeriod: 0, protocolVersion: 5 });
  const got = [];
  const connack = await new Promise((resolve, reject) => {
    client.on('connect', resolve);
    client.on('error', reject);
    client.on('close', () => reject(new Error('closed')));
  });
  const complete = new Promise((resolve) => {
    client.on('message', (name, payload, packet) => {
      got.push({ topic: name, size: payload.length, qos: packet.qos });
      if (got.length === 4) resolve();
    });
  });
  await client.subscribeAsync(topic, { qos: 2 });
  for (const qos of [0, 1, 2])
    await client.publishAsync(topic, 'from a page', { qos });
  await client.publishAsync(topic, 'x'.repeat(300000), { qos: 1 });
  await complete;
  await client.endAsync();
  return { code: connack.reasonCode, got };
}

async function main(executablePath, page_url, broker_url, topic) {
  const browser = await chromium.launch(
    { executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage();
    await page.goto(page_url);
    const result = await page.evaluate(exchange, [broker_url, topic]);
    process.stdout.write(JSON.stringify(result) + '\n');
  } finally {
    await browser.close();
  }
}

main(...process.argv.slice(2)).catch((error) => {
  process.stderr.write(String(error) + '\n');
  process.exit(1);
});
