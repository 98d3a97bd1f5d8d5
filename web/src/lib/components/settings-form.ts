/** The settings form: texts as typed, and what they mean. The rules are the same that the API keeps. */
import { parseSettingsPatch, SettingsError, settingsToJson } from '@kairos/schema';
import type { Settings } from '../api/fragments.js';
import { fractionToPercent, percentToFraction } from '../format/decimal.js';

export type SettingName = keyof Settings;
export type Texts = Record<SettingName, string>;

export interface SettingField {
  readonly name: SettingName;
  readonly label: string;
  readonly unit?: string;
  readonly hint: string;
  /** An empty text turns it off. */
  readonly canBeOff?: boolean;
}

export interface SettingGroup {
  readonly title: string;
  readonly fields: readonly SettingField[];
}

export const GROUPS: readonly SettingGroup[] = [
  {
    title: 'What is traded',
    fields: [
      { name: 'symbols', label: 'Symbols', hint: '1 to 200, such as BTCUSDT, ETHUSDT' },
      { name: 'minConfidence', label: 'Minimum confidence', unit: '%', hint: '0 to 100; a signal below it is denied' },
      { name: 'maxOpenPositions', label: 'Most open positions', hint: '1 to 1,000, one per symbol' },
      {
        name: 'cooldownSeconds',
        label: 'Cool-down after a loss',
        unit: 's',
        hint: '0 to 2,592,000 (30 days), per symbol',
      },
    ],
  },
  {
    title: 'What a trade costs',
    fields: [
      { name: 'riskPerTrade', label: 'Free cash per trade', unit: '%', hint: 'Above 0, at most 100' },
      { name: 'commission', label: 'Fee per side', unit: '%', hint: '0 to below 100' },
      { name: 'slippage', label: 'Slippage per fill', unit: '%', hint: '0 to below 100; paper fills get worse by it' },
    ],
  },
  {
    title: 'When a position is closed',
    fields: [
      { name: 'stopLoss', label: 'Stop loss', unit: '%', hint: 'Below the entry; empty = off', canBeOff: true },
      { name: 'takeProfit', label: 'Take profit', unit: '%', hint: 'Above the entry; empty = off', canBeOff: true },
      {
        name: 'trailingStop',
        label: 'Trailing stop',
        unit: '%',
        hint: 'Below the highest price; empty = off',
        canBeOff: true,
      },
    ],
  },
  {
    title: 'When nothing new is opened',
    fields: [
      {
        name: 'dailyLossLimit',
        label: 'Loss of the day',
        unit: '%',
        hint: "Of the day's opening equity; empty = off",
        canBeOff: true,
      },
      { name: 'maxDrawdown', label: 'Drawdown', unit: '%', hint: 'Of the highest equity; empty = off', canBeOff: true },
    ],
  },
];

const FIELDS: readonly SettingField[] = GROUPS.flatMap((group) => group.fields);

/** The settings as texts to edit. */
export function textsOf(settings: Settings): Texts {
  const texts: Partial<Texts> = {};
  for (const { name, unit } of FIELDS) {
    const value = settings[name];
    if (Array.isArray(value)) texts[name] = value.join(', ');
    else texts[name] = unit === '%' ? fractionToPercent(value === null ? null : String(value)) : String(value ?? '');
  }
  return texts as Texts;
}

export interface FormResult {
  /** Only what differs, as the API takes it. */
  readonly changes: Partial<Settings>;
  /** What is wrong, by field. */
  readonly problems: Partial<Record<SettingName, string>>;
}

/** What the texts mean beside the settings in force. */
export function readForm(texts: Texts, settings: Settings): FormResult {
  const before = textsOf(settings);
  const problems: Partial<Record<SettingName, string>> = {};
  const changes: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const text = texts[field.name].trim();
    if (text === before[field.name]) continue;
    const read = readField(field, text);
    if ('problem' in read) problems[field.name] = read.problem;
    else changes[field.name] = read.value;
  }
  return { changes, problems };
}

function readField(field: SettingField, text: string): { readonly value: unknown } | { readonly problem: string } {
  if (text === '' && !field.canBeOff) return { problem: `Needed. ${field.hint}` };
  try {
    const patch = settingsToJson(parseSettingsPatch({ [field.name]: valueOf(field, text) }));
    return { value: patch[field.name] };
  } catch (error) {
    if (error instanceof SettingsError || error instanceof Error) return { problem: field.hint };
    throw error;
  }
}

function valueOf({ name, unit }: SettingField, text: string): unknown {
  if (text === '') return null;
  if (name === 'symbols') return symbolsOf(text);
  if (unit !== '%') return Number(text);
  const fraction = percentToFraction(text);
  return name === 'minConfidence' ? Number(fraction) : fraction;
}

const symbolsOf = (text: string): string[] =>
  text
    .toUpperCase()
    .split(/[\s,;]+/)
    .filter((symbol) => symbol !== '');
