/** A package URL without version, qualifiers and subpath: what stays the same from one deployment to the next. */
export const artifactName = (artifact: string): string => {
  if (!artifact.startsWith('pkg:')) return artifact;
  const [path = ''] = artifact.split(/[?#]/, 1);
  // The scope of an npm package may be written with a bare "@", ahead of the last slash.
  const version = path.indexOf('@', path.lastIndexOf('/'));
  return version === -1 ? path : path.slice(0, version);
};
