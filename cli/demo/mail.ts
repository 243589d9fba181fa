import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A mail server that keeps what it is sent to itself. */
export interface MailSink {
  /** How many mails arrived. */
  count(): number;
  /** Whether one of them has these words on a line. */
  says(words: string): boolean;
  stop(): Promise<void>;
}

export async function startMailSink(port: number): Promise<MailSink> {
  const mails: string[] = [];
  const server = new SMTPServer({
    closeTimeout: 100,
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      text(stream).then((mail) => {
        // Long lines come folded, as quoted-printable has it.
        mails.push(mail.replaceAll('=\r\n', ''));
        done();
      }, done);
    },
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  // A client that hangs up in the middle is its own affair.
  server.on('error', () => {});
  return {
    count: () => mails.length,
    says: (words) => mails.some((mail) => mail.includes(words)),
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
