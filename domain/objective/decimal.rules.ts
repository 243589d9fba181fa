interface Decimal {
  digits: bigint;
  /** Digits behind the point. */
  scale: number;
}

/** The decimal that a number was written as: binary fractions would make 1 − 0.999 more than 0.001. */
const decimalOf = (value: number): Decimal => {
  const [, sign = '', whole = '0', part = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(value)) ?? [];
  const scale = part.length - Number(exponent);
  const digits = BigInt(`${sign}${whole}${part}`);
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
};

const numberOf = ({ digits, scale }: Decimal): number => Number(`${digits}e-${scale}`);

/** Product of two decimals, rounded once. */
export const product = (left: number, right: number): number => {
  const [a, b] = [decimalOf(left), decimalOf(right)];
  return numberOf({ digits: a.digits * b.digits, scale: a.scale + b.scale });
};

/** Share that may be bad, b = 1 − target, of a target from 0 to 1 without 1. */
export const budgetOf = (target: number): number => {
  const { digits, scale } = decimalOf(target);
  return numberOf({ digits: 10n ** BigInt(scale) - digits, scale });
};

/** A target in percent as a share. */
export const shareOf = (percent: number): number => product(percent, 0.01);
