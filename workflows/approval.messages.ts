/** Signal to whoever waits for an approval: something changed. Whoever hears it asks the database. */
export const approvalDecided = 'approvalDecided';
