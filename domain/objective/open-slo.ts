import { z } from 'zod';
import { Name } from '../name.ts';

/** Version of the OpenSLO specification whose documents are taken as they are. */
export const openSloVersion = 'openslo/v1';

/** What OpenSLO lets stand in the metadata of a document, beside its name and labels: kept with the spec. */
export const about = {
  displayName: z.string().max(63).optional(),
  annotations: z.record(z.string().max(253), z.string().max(5000)).optional(),
  description: z.string().max(1050).optional(),
};

const label = z.union([z.string().max(255), z.array(z.string().max(63)).max(4)]);

export const OpenSloMetadata = z.strictObject({
  name: Name,
  displayName: about.displayName,
  labels: z.record(z.string().max(63), label).default({}),
  annotations: about.annotations,
});

/** What is written inside of another document instead of being named. */
export const inline = <Spec extends z.ZodType>(kind: string, spec: Spec) =>
  z.strictObject({ kind: z.literal(kind).optional(), metadata: OpenSloMetadata, spec });

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const pattern = /^([1-9]\d{0,5})([mhdwMQY])$/;

/** A span as OpenSLO writes it: `m` are minutes, `M` months. */
export const Span = z
  .string()
  .regex(pattern, 'expected a duration such as 5m, 1h, 28d, 4w, 1M, 1Q or 1Y: m are minutes, M months')
  .meta({ id: 'Span', description: 'OpenSLO duration: 5m, 1h, 28d, 4w, 1M, 1Q, 1Y; m are minutes, M months' });

/** Parts of a span. */
export const partsOf = (span: string): { count: number; unit: 'm' | 'h' | 'd' | 'w' | 'M' | 'Q' | 'Y' } => {
  const [, count = '', unit = ''] = pattern.exec(span) ?? [];
  return { count: Number(count), unit: unit as 'm' };
};

/** Milliseconds of a span that always has the same length; NaN for months, quarters and years. */
export const spanMs = (span: string): number => {
  const { count, unit } = partsOf(span);
  return unit in unitMs ? count * unitMs[unit as keyof typeof unitMs] : Number.NaN;
};

/** A span of one length: minutes to weeks. */
export const FixedSpan = Span.refine((text) => !Number.isNaN(spanMs(text)), 'expected minutes, hours, days or weeks');
