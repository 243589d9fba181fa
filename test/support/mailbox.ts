import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { freePort } from '../../roles/port.ts';

export interface ArrivedMail {
  /** The same for every attempt at one mail. */
  messageId: string;
  to: string;
  subject: string;
  /** Head and body as they came, without soft line breaks. */
  text: string;
  /** When all of it was there, in milliseconds since 1970. */
  at: number;
}

/** A mail server on loopback that keeps what it is sent. */
export interface Mailbox {
  url: string;
  mails: readonly ArrivedMail[];
  /** The first mail that fits, once it is there. */
  until(fits: (mail: ArrivedMail) => boolean, withinMs: number): Promise<ArrivedMail>;
  stop(): Promise<void>;
}

export async function startMailbox(): Promise<Mailbox> {
  const mails: ArrivedMail[] = [];
  const server = new SMTPServer({
    closeTimeout: 100,
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    async onData(stream, { envelope }, done) {
      const written = (await text(stream)).replaceAll('=\r\n', '');
      const [, messageId = ''] = /^message-id: *(\S+)/im.exec(written) ?? [];
      const [, subject = ''] = /^subject: *(.*(?:\r\n[ \t].*)*)/im.exec(written) ?? [];
      mails.push({
        messageId,
        to: envelope.rcptTo.map(({ address }) => address).join(),
        subject: subject.replaceAll(/\r\n[ \t]+/g, ' '),
        text: written,
        at: Date.now(),
      });
      done();
    },
  });
  // A client that hangs up in the middle is its own affair.
  server.on('error', () => {});
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    async until(fits, withinMs) {
      for (const end = Date.now() + withinMs; Date.now() < end; await sleep(5)) {
        const found = mails.find(fits);
        if (found) return found;
      }
      throw new Error('the mail did not arrive');
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
