import { z } from 'zod';

/** `2026-11-28T09:30:00.5+01:00`; SDKs also write a space for the T, an offset without its colon, or none. */
const writtenTime = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)(?:[Zz]|[+-]\d\d:?\d\d)?$/;

/** A sender's clock; kept as it was written, since it is for display only. */
export const timestamp = z
  .string()
  .max(64)
  .refine((text) => {
    const [whole, day, time] = writtenTime.exec(text) ?? [];
    return whole !== undefined && z.iso.datetime().safeParse(`${day}T${time}Z`).success;
  }, 'expected a time such as 2026-11-28T09:30:00Z');
