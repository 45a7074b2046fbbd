// Checks ISBNs.

/** Whether these are ten or thirteen digits, without hyphens, with the right check digit (ISBN Users' Manual §5). */
export const isIsbn = (plain: string): boolean => {
  const digits = Array.from(plain, (digit) => (digit === 'X' ? 10 : Number(digit)));
  if (/^97[89]\d{10}$/.test(plain)) {
    return digits.reduce((sum, digit, index) => sum + digit * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0;
  }
  return (
    /^\d{9}[\dX]$/.test(plain) &&
    digits.reduce((sum, digit, index) => sum + digit * (10 - index), 0) % 11 === 0
  );
};
