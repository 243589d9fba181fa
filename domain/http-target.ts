import { z } from 'zod';
import { template } from './annotation.ts';
import { SecretName } from './name.ts';

/** The catalogue is read by many, and a URL is shown in answers and reports. */
export const hasNoPassword = [
  (url: string): boolean => !/^[a-z]+:\/\/[^/?#]*@/i.test(url),
  'has a user or a password: send a header with a secret instead',
] as const;

/** Where a request goes. */
export const TargetUrl = template(
  z
    .string()
    .min(1)
    .max(2000)
    .refine(...hasNoPassword),
).meta({ description: 'http(s) URL; {{placeholders}} are filled in' });

/** A header's value, as it is or from a secret. */
const HeaderValue = z.union([
  template(z.string().max(2000)),
  z.strictObject({ secret: SecretName, prefix: z.string().max(50).default('') }),
]);

/** A token of RFC 9110, section 5.6.2. */
export const headerName = /^[!#$%&'*+.^_`|~\w-]+$/;

const HeaderName = z.string().max(100).regex(headerName, 'expected the name of a header');

/** Headers by name; two spellings of a name are one. */
export const Headers = z.record(HeaderName, HeaderValue).default({});
export type Headers = z.infer<typeof Headers>;
