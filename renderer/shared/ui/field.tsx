// A labelled line of text with its hint and its error.
import { useId } from 'react';
import type { ReactNode } from 'react';

export type FieldProps = {
  label: string;
  name: string;
  value: string;
  onChange: (value: string) => void;
  type?: 'text' | 'email' | 'password';
  autoComplete?: string;
  hint?: string;
  error?: string | undefined;
  /** The id of something else that describes it. */
  describedBy?: string;
  placeholder?: string;
  /** It is shown as it is and cannot be changed here. */
  isFixed?: boolean;
  /** A button at the end of the line. */
  action?: ReactNode;
};

/** An input whose label, hint and error are tied to it for screen readers too. */
export function Field({
  label,
  name,
  value,
  onChange,
  type = 'text',
  autoComplete = 'off',
  hint,
  error,
  describedBy,
  placeholder,
  isFixed = false,
  action,
}: FieldProps) {
  const id = useId();
  const descriptions = [
    error === undefined ? undefined : `${id}-error`,
    hint === undefined || hint === '' ? undefined : `${id}-hint`,
    describedBy,
  ].filter((part) => part !== undefined);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-line">
        <input
          id={id}
          name={name}
          type={type}
          value={value}
          autoComplete={autoComplete}
          placeholder={placeholder}
          readOnly={isFixed}
          autoCapitalize="none"
          spellCheck={false}
          aria-invalid={error === undefined ? undefined : true}
          aria-describedby={descriptions.length === 0 ? undefined : descriptions.join(' ')}
          onChange={(event) => onChange(event.target.value)}
        />
        {action}
      </div>
      {error !== undefined && (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      )}
      {hint !== undefined && hint !== '' && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
}
