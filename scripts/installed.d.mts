export type LockedPackage = {
  version?: string;
  integrity?: string;
  optional?: boolean;
  devOptional?: boolean;
};
export function differsFrom(
  installed: Record<string, LockedPackage>,
  wanted: Record<string, LockedPackage>,
): string | undefined;
