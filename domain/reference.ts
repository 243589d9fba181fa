import { z } from 'zod';

/** A record by its kind and id: `plan/<id>`. Whatever hangs on a record names it so, and need not know what kinds there are. */
export const Reference = z
  .string()
  .regex(/^[a-z][a-z-]*\/[\w.-]{1,200}$/, 'expected a reference such as plan/<id>')
  .brand<'Reference'>();
export type Reference = z.infer<typeof Reference>;
