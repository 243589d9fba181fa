import { createTransport } from 'nodemailer';
import type { Channel } from './channel.ts';

/** Mail by SMTP. The key becomes the Message-ID, so a mail that was sent twice is one mail to those who look. */
export const createEmailChannel = ({ url, from }: { url: string | undefined; from: string }): Channel<'email'> => {
  const transport =
    url === undefined ? undefined : createTransport({ url, connectionTimeout: 10_000, socketTimeout: 15_000 });
  return async ({ to, subject, text }, { key, idOf }) => {
    if (!transport) return { sent: false, isFinal: false, detail: 'no mail server is set (EVENKEEL_SMTP_URL)' };
    try {
      const domain = from.slice(from.lastIndexOf('@') + 1).replace(/>$/, '');
      const { messageId } = await transport.sendMail({
        from,
        to,
        subject,
        text,
        messageId: `<${idOf(key)}@${domain}>`,
        disableUrlAccess: true,
        disableFileAccess: true,
      });
      return { sent: true, detail: messageId };
    } catch (error) {
      const refused = error instanceof Error && 'responseCode' in error && Number(error.responseCode) >= 500;
      const detail = error instanceof Error ? error.message : 'the mail server failed';
      return { sent: false, isFinal: refused, detail };
    }
  };
};
