import { SMTPServer } from 'smtp-server';

export interface MailSink {
  /** Subjects of the mails that arrived, in order. */
  subjects(): string[];
  stop(): Promise<void>;
}

/** A mail server that keeps what it is sent to itself. */
export async function startMailSink(port: number): Promise<MailSink> {
  const subjects: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      stream.on('end', () => {
        subjects.push(/^Subject: (.*(?:\r?\n[ \t].*)*)/m.exec(text)?.[1]?.replace(/\r?\n[ \t]/g, ' ') ?? '');
        done();
      });
    },
  });
  // A client that hangs up in the middle is its own affair.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  return { subjects: () => subjects, stop: () => new Promise((resolve) => server.close(() => resolve())) };
}
