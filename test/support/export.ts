import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { exportText } from '../../domain/digest.ts';

const own = generateKeyPairSync('ed25519');

/** The file as somebody with this key would have exported it; with a key of its own, unless one is given. */
export const resigned = <File extends object>(
  file: File,
  { privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject } = own,
): File & { publicKey: string; signature: string } => {
  const signed = { ...file, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
  return {
    ...signed,
    signature: sign(null, Buffer.from(exportText({ ...signed, signature: undefined })), privateKey).toString('base64'),
  };
};
