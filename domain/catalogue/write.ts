import { stringify } from 'yaml';
import { apiVersion, type Document } from '../document.ts';

/** The document as somebody would write it; applying the text again changes nothing. */
export const toYaml = ({ kind, name, labels, spec }: Document): string =>
  stringify(
    { apiVersion, kind, metadata: { name, ...(Object.keys(labels).length > 0 && { labels }) }, spec },
    { lineWidth: 0, aliasDuplicateObjects: false },
  );

/** Several documents in one stream. */
export const toYamlStream = (documents: readonly Document[]): string => documents.map(toYaml).join('---\n');
