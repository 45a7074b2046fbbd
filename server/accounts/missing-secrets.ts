// What a person must give again after the server lost what it had sealed.

/** Something of a person's that cannot go on until they give its password or token again. */
export type MissingSecret = {
  /** Of the storage backend or the metadata server. */
  id: string;
  of: 'storage' | 'metadata_server';
  /** What the person calls it. */
  name: string;
  /** Whose it is, as the desk names people. */
  owner: string;
};
