// One MQTT.js client, driven by lines of JSON on standard input; answers and
// events are lines of JSON on standard output.
//   {"do": "connect", "url": u, "options": {}} -> {"event": "connect", …}
//   {"do": "subscribe", "filter": f, "options": {}} -> {"event": "suback", …}
//   {"do": "publish", "topic": t, "payload": p, "options": {…}}
//       -> {"event": "published"} when the handshake is complete
//   {"do": "end"} -> {"event": "end"}, {"do": "vanish"} ends without DISCONNECT
// Messages come as {"event": "message", …}, payloads as UTF-8.
'use strict';

const mqtt = require('mqtt');
const readline = require('readline');

let client;

function say(event, fields) {
  process.stdout.write(JSON.stringify({ event, ...fields }) + '\n');
}

function plain(properties) {
  if (!properties) return {};
  const copy = { ...properties };
  if (copy.correlationData)
    copy.correlationData = copy.correlationData.toString();
  if (copy.userProperties) copy.userProperties = { ...copy.userProperties };
  return copy;
}

function on_message(topic, payload, packet) {
  say('message', {
    topic, payload: payload.toString(), qos: packet.qos,
    retain: packet.retain, properties: plain(packet.properties),
  });
}

function connect(url, options) {
  client = mqtt.connect(url, { reconnectPeriod: 0, ...options });
  client.on('connect', (packet) => say('connect', {
    session_present: packet.sessionPresent,
    properties: plain(packet.properties),
  }));
  client.on('message', on_message);
  client.on('disconnect', (packet) =>
    say('disconnect', { code: packet.reasonCode }));
  client.on('packetreceive', (packet) => {
    // The callback of publish keeps the code of success to itself.
    if (packet.cmd === 'puback') say('puback', { code: packet.reasonCode });
  });
  client.on('close', () => say('close', {}));
  client.on('error', (error) =>
    say('error', { text: String(error), code: error.code }));
}

function subscribe(filter, options) {
  client.subscribe(filter, options, (error, granted) =>
    say('suback', { error: error && String(error),
                    codes: (granted || []).map((entry) => entry.qos) }));
}

function unsubscribe(filter) {
  client.unsubscribe(filter, (error, packet) =>
    say('unsuback', { error: error && String(error),
                      codes: packet && packet.granted }));
}

function publish(topic, payload, options) {
  if (options.properties && options.properties.correlationData)
    options.properties.correlationData
      = Buffer.from(options.properties.correlationData);
  client.publish(topic, payload, options, (error) =>
    say('published', { error: error && String(error) }));
}

const handlers = {
  connect: (line) => connect(line.url, line.options),
  subscribe: (line) => subscribe(line.filter, line.options || {}),
  unsubscribe: (line) => unsubscribe(line.filter),
  publish: (line) => publish(line.topic, line.payload, line.options || {}),
  end: () => client.end(false, {}, () => say('end', {})),
  vanish: () => client.stream.destroy(),
};

readline.createInterface({ input: process.stdin })
  .on('line', (text) => {
    const line = JSON.parse(text);
    handlers[line.do](line);
  })
  .on('close', () => process.exit(0));
