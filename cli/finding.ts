/** What doctor found of one thing. */
export interface Finding {
  subject: string;
  state: 'ok' | 'warn' | 'missing';
  detail: string;
  /** What to do about it. */
  remedy?: string;
}
