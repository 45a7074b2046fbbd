// A labelled choice of a few words with its hint.
import { useId } from 'react';

export type ChoiceProps = {
  label: string;
  name: string;
  hint: string;
  value: string;
  choices: readonly string[];
  /** It is shown as it is and cannot be changed here. */
  isFixed?: boolean;
  onChange: (value: string) => void;
};

/** A list to choose from, whose label and hint are tied to it. */
export function Choice({ label, name, hint, value, choices, isFixed = false, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-line">
        <select
          id={id}
          name={name}
          value={value}
          disabled={isFixed}
          aria-describedby={hint === '' ? undefined : `${id}-hint`}
          onChange={(event) => onChange(event.target.value)}
        >
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      </div>
      {hint !== '' && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
}
