/** Signal to whoever is held: what held it may be over. Whoever hears it asks the database. */
export const holdLifted = 'holdLifted';
