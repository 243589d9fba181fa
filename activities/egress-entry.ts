import ipaddr from 'ipaddr.js';

/** Whether an entry of the allowed addresses names something: `127.0.0.1:7499`, `10.0.0.0/8`, `deploy.internal:443`. */
export const isEgressEntry = (entry: string): boolean => {
  if (entry.includes('/')) return ipaddr.isValidCIDR(entry);
  const [, host = '', port = ''] = /^(\[[^[\]]+\]|[^:[\]]+):(\d{1,5})$/.exec(entry) ?? [];
  const isHost = host.startsWith('[')
    ? ipaddr.IPv6.isValid(host.slice(1, -1))
    : /^[a-z\d_](?:[\w.-]*[\w])?\.?$/i.test(host) &&
      (!/^[\d.]+$/.test(host) || ipaddr.IPv4.isValidFourPartDecimal(host));
  return isHost && Number(port) >= 1 && Number(port) <= 65_535;
};
