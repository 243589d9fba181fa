import { stringify } from 'yaml';
import { openSloVersion } from '../objective/open-slo.ts';
import { type Document, headOf } from '../document.ts';

/** The document as somebody would write it; applying the text again changes nothing. */
export const toYaml = ({ kind, name, labels, spec }: Document): string =>
  stringify(
    {
      ...headOf(kind),
      metadata: { name, ...(Object.keys(labels).length > 0 && { labels }), ...aboutOf(kind, spec) },
      spec: specOf(kind, spec),
    },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );

const isOpenSlo = (kind: Document['kind']): boolean => headOf(kind).apiVersion === openSloVersion;

/** What OpenSLO has in the metadata, and we with the spec. */
const aboutOf = (kind: Document['kind'], spec: Document['spec']): object =>
  isOpenSlo(kind) ? Object.fromEntries(Object.entries(spec).filter(([field]) => isAbout(field))) : {};

const specOf = (kind: Document['kind'], spec: Document['spec']): object =>
  isOpenSlo(kind) ? Object.fromEntries(Object.entries(spec).filter(([field]) => !isAbout(field))) : spec;

const isAbout = (field: string): boolean => ['displayName', 'annotations'].includes(field);

/** Several documents in one stream. */
export const toYamlStream = (documents: readonly Document[]): string => documents.map(toYaml).join('---\n');
