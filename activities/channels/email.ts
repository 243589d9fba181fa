import { createTransport } from 'nodemailer';
import type { Channel } from './channel.ts';
import { faultOf, mayHaveBeenTaken } from './smtp-fault.ts';

/** Mail by SMTP. The key becomes the Message-ID, so a mail that was sent twice is one mail to those who look. */
export const createEmailChannel = ({ url, from }: { url: string | undefined; from: string }): Channel<'email'> => {
  const transport =
    url === undefined
      ? undefined
      : createTransport({
          url,
          connectionTimeout: 10_000,
          greetingTimeout: 10_000,
          socketTimeout: 10_000,
          // In a storm the next page does not wait for another handshake. What to try again is for the sender to decide.
          pool: true,
          maxConnections: 20,
          maxRequeues: 0,
        });
  return async ({ to, subject, text }, { key, idOf }) => {
    if (!transport)
      return {
        sent: false,
        fault: 'installation',
        concerns: 'channel',
        detail: 'no mail server is set (EVENKEEL_SMTP_URL)',
      };
    try {
      const domain = from.slice(from.lastIndexOf('@') + 1).replace(/>$/, '');
      const { messageId } = await transport.sendMail({
        from,
        to,
        subject,
        text,
        messageId: `<${idOf(key)}@${domain}>`,
        // Nobody's holiday reply is of use here.
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableUrlAccess: true,
        disableFileAccess: true,
      });
      return { sent: true, detail: messageId };
    } catch (error) {
      return {
        sent: false,
        ...faultOf(error),
        ...(mayHaveBeenTaken(error) ? { isInDoubt: true } : {}),
        detail: error instanceof Error ? error.message : 'the mail server failed',
      };
    }
  };
};
