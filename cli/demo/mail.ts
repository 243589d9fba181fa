import { SMTPServer } from 'smtp-server';

/** A mail server that keeps what it is sent to itself. */
export interface MailSink {
  /** How many mails arrived. */
  count(): number;
  stop(): Promise<void>;
}

export async function startMailSink(port: number): Promise<MailSink> {
  let mails = 0;
  const server = new SMTPServer({
    closeTimeout: 100,
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      stream.resume().on('end', () => {
        mails += 1;
        done();
      });
    },
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  // A client that hangs up in the middle is its own affair.
  server.on('error', () => {});
  return { count: () => mails, stop: () => new Promise((resolve) => server.close(resolve)) };
}
