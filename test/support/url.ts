/** The address of another database on the same server; it has no host that a URL could hold, only a socket. */
export const urlOf = (adminUrl: string, database: string): string => adminUrl.replace(/\/postgres\?/, `/${database}?`);
