// Reads the text of a receta's code from standard input as a verifier page would, and prints its cadena if the signature
// holds. What inflates here is DecompressionStream('deflate-raw') in a browser, which the oldest node lacks.
import { X509Certificate, webcrypto as crypto } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { inflateRawSync } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const code = (await text(process.stdin)).slice('MEDICUS1:'.length);
const folded = (code.match(/.{1,3}/gs) ?? []).flatMap((group) => {
  const value = [...group].reduceRight((sum, letter) => sum * 45 + ALPHABET.indexOf(letter), 0);
  return group.length === 3 ? [value >> 8, value & 255] : [value];
});
let bytes = new Uint8Array(inflateRawSync(new Uint8Array(folded)));
const next = () => {
  const length = (bytes[0] << 8) | bytes[1];
  const part = bytes.slice(2, 2 + length);
  bytes = bytes.slice(2 + length);
  return part;
};
const [cadena, signature] = [next(), next()];
const spki = new X509Certificate(bytes).publicKey.export({ type: 'spki', format: 'der' });
const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify']);
if (!(await crypto.subtle.verify(algorithm, key, signature, cadena))) process.exit(1);
process.stdout.write(new TextDecoder().decode(cadena));
