/** The checks of values and arguments, by any library with the Standard Schema interface. */

/** The part of the Standard Schema interface (standardschema.dev) that is used. */
export interface StandardSchema<Value> {
  readonly '~standard': {
    readonly validate: (value: unknown) => StandardResult<Value> | Promise<StandardResult<Value>>;
  };
}
type StandardResult<Value> =
  | { readonly value: Value; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** The reason why a value is not valid, and the path of the wrong part. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
