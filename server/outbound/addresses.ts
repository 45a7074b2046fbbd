// Which addresses of the internet may be asked: none inside the house, unless the person names it.
import ipaddr from 'ipaddr.js';

/** Returns whether an address may be asked: it is public, or lies in one of the ranges (CIDR) the person allowed. */
export function createAddressRule(allowedNetworks: readonly string[]): (address: string) => boolean {
  const allowed = allowedNetworks.map((range) => ipaddr.parseCIDR(range));
  return (address) => {
    if (!ipaddr.isValid(address)) return false;
    // ::ffff:10.0.0.1 is 10.0.0.1.
    const parsed = ipaddr.process(address);
    // IANA special-purpose registries: whatever is not plain unicast is somebody's inside, or nobody's.
    if (parsed.range() === 'unicast') return true;
    return allowed.some(
      ([base, bits]) => base.kind() === parsed.kind() && parsed.match([base, bits] as never),
    );
  };
}
