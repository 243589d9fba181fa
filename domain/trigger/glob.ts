/** Whether a text fits a pattern in which each `*` stands for any characters, also none and also slashes. */
export const fitsGlob = (text: string, pattern: string): boolean => {
  const [head = '', ...parts] = pattern.split('*');
  const tail = parts.pop();
  if (tail === undefined) return text === pattern;
  if (!text.startsWith(head)) return false;
  // The first place that fits leaves most to those that follow, so nothing is tried twice.
  let at = head.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
};

/** Whether each text that fits the one pattern fits the other: no star of the one stands where the other has letters. */
export const covers = (pattern: string, other: string): boolean => fitsGlob(other, pattern);
