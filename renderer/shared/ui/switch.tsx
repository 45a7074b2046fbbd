// A labelled switch with its hint.
import { useId } from 'react';

export type SwitchProps = {
  label: string;
  name: string;
  hint: string;
  isOn: boolean;
  /** It is shown as it is and cannot be changed here. */
  isFixed?: boolean;
  onChange: (isOn: boolean) => void;
};

/** A checkbox whose label and hint are tied to it. */
export function Switch({ label, name, hint, isOn, isFixed = false, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="switch">
      <input
        id={id}
        name={name}
        type="checkbox"
        checked={isOn}
        disabled={isFixed}
        aria-describedby={hint === '' ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {hint !== '' && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
}
