/** The form in which imports compare telephone numbers; see the function of the same name in SQL. */

/** Returns a telephone number without its spaces and signs; an empty text for no number. */
export function foldPhone(phone: string | null | undefined): string {
  return (phone ?? '').replace(/[^0-9A-Za-z+]/g, '');
}
