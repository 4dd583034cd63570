// Makes TypeScript and Go from the messages of a document: node models.mjs asyncapi.json FOLDER
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FetchingJSONSchemaStore, InputData, JSONSchemaInput, quicktype } from 'quicktype-core';

const [file, folder] = process.argv.slice(2);
const { messages } = JSON.parse(readFileSync(file)).components;
const input = new JSONSchemaInput(new FetchingJSONSchemaStore());
for (const [kind, { payload }] of Object.entries(messages)) {
  const reference = payload?.schema?.$ref;
  if (reference) await input.addSource({ name: kind, schema: readFileSync(join(dirname(file), reference), 'utf8') });
}
const inputData = new InputData();
inputData.addInput(input);
const languages = { 'events.ts': ['typescript', { 'just-types': 'true' }], 'events.go': ['go', { package: 'events' }] };
for (const [name, [lang, rendererOptions]] of Object.entries(languages)) {
  const { lines } = await quicktype({ inputData, lang, rendererOptions });
  writeFileSync(join(folder, name), lines.join('\n'));
}
