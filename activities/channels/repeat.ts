import type { Message } from '../../domain/message.ts';
import { keepable } from '../../domain/text.ts';

/** What no request got past. */
const neverConnected =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;

/** Whether a request that was not answered may have arrived all the same. */
export const mayHaveArrived = (reason: string): boolean => !neverConnected.test(reason);

const mark = '(possible repeat) ';

/** The message for somebody who may have had it: its words say so. Receivers that know it by its key get the same again. */
export const asPossibleRepeat = (message: Message): Message => {
  switch (message.kind) {
    case 'email':
    case 'slack':
    case 'teams':
      return { ...message, subject: keepable(`${mark}${message.subject}`, 200) };
    case 'gateway':
      return { ...message, text: `${mark}${message.text}` };
    case 'webhook':
    case 'pagerduty':
    case 'github':
    case 'gate':
    case 'statuspage':
      return message;
  }
};
