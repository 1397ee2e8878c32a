/** Currencies without a hundredth, where a minor unit is the whole unit. */
const WHOLE = new Set(["JPY", "KRW", "VND", "CLP", "ISK", "UGX", "XAF", "XOF", "PYG", "RWF"]);
const THOUSANDTHS = new Set(["BHD", "JOD", "KWD", "OMR", "TND"]);

/** Amounts in words: two places, four under one cent, the currency behind, a real minus sign. */
export function formatAmount(amount: number, currency?: string | null): string {
  const places = currency && WHOLE.has(currency) ? 0 : amount !== 0 && Math.abs(amount) < 0.01 ? 4 : 2;
  const figure = Math.abs(amount).toLocaleString("en-US", {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
    useGrouping: Math.abs(amount) >= 10_000,
  });
  const sign = amount < 0 && Number(figure.replaceAll(",", "")) !== 0 ? "−" : "";
  return currency ? `${sign}${figure} ${currency}` : `${sign}${figure}`;
}

export function minorToAmount(minor: number, currency?: string | null): number {
  if (currency && WHOLE.has(currency)) return minor;
  if (currency && THOUSANDTHS.has(currency)) return minor / 1_000;
  return minor / 100;
}

export function formatMinor(minor: number, currency?: string | null): string {
  return formatAmount(minorToAmount(minor, currency), currency);
}

/** With the sign always shown: what leaves (−) and what comes in (+). */
export function formatSigned(amount: number, currency?: string | null): string {
  const text = formatAmount(amount, currency);
  return amount > 0 ? `+${text}` : text;
}
