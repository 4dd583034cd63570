// Publishes the messages beside this file, for a client of the name that you give: node publish.mjs sam
import { readFileSync } from 'node:fs';
import { Kafka, logLevel } from 'kafkajs';

const me = process.argv[2];
const now = new Date().toISOString();
const brokers = process.env.KAFKA_BOOTSTRAP_SERVERS.split(',');
const producer = new Kafka({ brokers, logLevel: logLevel.ERROR }).producer({ allowAutoTopicCreation: false });

await producer.connect();
for (const topic of ['directory', 'clients', 'sessions']) {
  const text = readFileSync(new URL(`${topic}.tsv`, import.meta.url), 'utf8')
    .replaceAll('{{me}}', me)
    .replaceAll('{{now}}', now)
    .replaceAll('{{today}}', now.slice(0, 10));
  for (const line of text.trimEnd().split('\n')) {
    const [key, value] = line.split('\t');
    await producer.send({ topic, messages: [{ key, value }] });
    console.log(topic, key);
  }
}
await producer.disconnect();
