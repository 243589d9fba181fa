import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

/** Whether an address of this machine answers with a status of success, within two seconds. */
export async function answersWell(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(2000);
  try {
    const request = get(url, { signal, agent: false });
    // Also after the answer: nobody else hears of it.
    request.on('error', () => undefined);
    const [{ statusCode = 0 }] = (await once(request, 'response', { signal })) as [IncomingMessage];
    request.destroy();
    return statusCode >= 200 && statusCode < 300;
  } catch {
    return false;
  }
}
