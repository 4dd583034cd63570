// Has AsyncAPI's own parser judge a document: node parse.mjs asyncapi.json
import { Parser, fromFile } from '@asyncapi/parser';

const { document, diagnostics } = await fromFile(new Parser(), process.argv[2]).parse();
const problems = diagnostics.map(({ severity, path, message }) => ({ severity, path: path.join('.'), message }));
console.log(JSON.stringify({ parsed: document !== undefined, problems }));
