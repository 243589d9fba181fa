import { z } from 'zod';
import type { Document } from '../document.ts';
import { pagingTypes } from '../notification.ts';
import type { Fault } from './location.ts';
import { isOf, type Lookup } from './lookup.ts';

/** Contacts that would page nobody: of a channel that does not page, or without the address that it needs. */
export const idleContacts = (document: Document, catalogue: Lookup): Fault[] => {
  if (!isOf(document, 'Person')) return [];
  return (document.spec.contacts ?? []).flatMap(({ channel, address }, at) => {
    const path = ['spec', 'contacts', at];
    if (channel === 'email')
      return address === undefined || z.email().safeParse(address).success
        ? []
        : [{ path: [...path, 'address'], message: 'expected a mail address' }];
    const type = catalogue.find('NotificationChannel', channel)?.type;
    if (type === undefined) return [];
    if (!pagingTypes.includes(type))
      return [
        {
          path: [...path, 'channel'],
          message: `${channel} is of type ${type}, which pages nobody (${pagingTypes.join(', ')} and email do)`,
        },
      ];
    const isNeeded = type === 'slack' || type === 'gateway';
    return isNeeded && address === undefined
      ? [{ path, message: `${channel} is of type ${type}, which needs an address` }]
      : [];
  });
};
