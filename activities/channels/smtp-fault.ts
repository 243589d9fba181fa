type Fault = { fault: 'receiver' } | { fault: 'passing' } | { fault: 'installation'; concerns: 'message' | 'channel' };

const ofReceiver = { fault: 'receiver' } as const;
const passing = { fault: 'passing' } as const;
const ofChannel = { fault: 'installation', concerns: 'channel' } as const;
const ofMessage = { fault: 'installation', concerns: 'message' } as const;

/** Words of servers that give no enhanced status and mean that they do not take mail from us. */
const refusesUs =
  /relay|authenticat|log ?in|credential|permitted|allowed|authori[sz]ed|denied|policy|spf|dkim|dmarc|spam|block|blacklist|listed|sender|client|reputation/i;

/**
 * Whose fault it is that a mail was not sent. Until the server has heard of the recipient everything is a matter between it
 * and this installation; afterwards its status says which of the two it minds (RFC 3463).
 */
export const faultOf = (error: unknown): Fault => {
  const { code, command = '', responseCode, response = '' } = partsOf(error);
  const isAboutMail = /^(?:RCPT TO|DATA|BDAT)/.test(command) || (command === '' && code === 'EMESSAGE');
  if (responseCode === undefined) {
    // Refused before anything was sent: an address that is none, or a mail that is larger than the server announced.
    if (code === 'EMESSAGE' || (code === 'EENVELOPE' && !/sender/i.test(messageOf(error)))) return ofReceiver;
    return ofChannel;
  }
  const [, subject, detail] = /\b5\.(\d{1,3})\.(\d{1,3})\b/.exec(response) ?? [];
  if (responseCode === 552 || `${subject}.${detail}` === '3.4') return ofReceiver;
  if (!isAboutMail) return ofChannel;
  if (responseCode < 500) return passing;
  // That somebody has to sign in is true of every mail.
  if (responseCode === 530 || responseCode === 535 || responseCode === 538) return ofChannel;
  if (subject === undefined) return refusesUs.test(response) ? ofMessage : ofReceiver;
  const isOurs = subject === '7' || subject === '5' || (subject === '1' && (detail === '7' || detail === '8'));
  return isOurs ? ofMessage : ofReceiver;
};

/** The connection was there and ended before the server said what it did: the mail may have been taken. */
export const mayHaveBeenTaken = (error: unknown): boolean => {
  const { code, responseCode } = partsOf(error);
  return (
    responseCode === undefined &&
    (code === 'ECONNECTION' || code === 'ETIMEDOUT' || code === 'ESOCKET') &&
    !/ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|Connection timeout|Greeting never received/.test(messageOf(error))
  );
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');

/** What nodemailer says of an error beside its message. */
const partsOf = (error: unknown): { code?: string; command?: string; responseCode?: number; response?: string } => {
  const parts: Record<string, unknown> = typeof error === 'object' && error !== null ? { ...error } : {};
  const text = (name: string) => (typeof parts[name] === 'string' ? { [name]: parts[name] } : {});
  const { responseCode } = parts;
  return {
    ...text('code'),
    ...text('command'),
    ...text('response'),
    ...(typeof responseCode === 'number' ? { responseCode } : {}),
  };
};
