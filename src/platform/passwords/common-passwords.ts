/**
 * The words that attackers try first: words from the most frequent leaked passwords (after the frequency list of
 * zxcvbn, MIT licence) and the rows of keyboards. A list of all leaked passwords would need a service. The required
 * length already excludes most leaked passwords, but not long passwords made of these words.
 */
const WORDS = `
password passwort passwd letmein welcome trustno iloveyou loveyou admin administrator login master access
secret changeme default guest test testing user root hello whatever leavemealone opensesame pleaseletmein
dragon monkey shadow superman batman spiderman pokemon starwars startrek princess sunshine football baseball
basketball soccer hockey tennis golfer mustang corvette camaro porsche ferrari mercedes yamaha harley toyota
nissan honda suzuki jordan michael michelle jessica ashley daniel charlie thomas robert jennifer amanda joshua
andrew matthew nicole hannah samantha maggie ginger pepper buster tigger snoopy scooby garfield killer hunter
ranger cowboy yankees lakers steelers raiders packers chelsea liverpool arsenal barcelona realmadrid summer
winter spring autumn monday friday january february october november december freedom forever
computer internet google facebook samsung microsoft apple orange banana cheese cookie chocolate butter coffee
chicken peanut pumpkin purple yellow silver golden diamond platinum copper black white green matrix merlin
gandalf phoenix falcon eagle tiger lion bear wolf dolphin jaguar panther spider scorpion viper thunder
lightning midnight darkness rainbow flower rosebud angel heaven devil diablo jesus christ buddha blessed
family mother father brother sister friend lover sweetheart babygirl money lucky winner success champion
london boston chicago dallas newyork america canada mexico florida texas california paris berlin
pass1234 qazwsx zaq12wsx qweasd asdzxc 1q2w3e 1qaz2wsx q1w2e3 1a2b3c a1b2c3
correcthorsebatterystaple`;

/** The words in lower case, the longest first. So a long word is removed before a shorter word that it contains. */
export const COMMON_WORDS: readonly string[] = WORDS.trim()
  .split(/\s+/)
  .sort((a, b) => b.length - a.length);

/** Keyboard rows, the digits and the alphabet. `qwerty` and `abc123` are not in `WORDS`: they are parts of rows. */
const ROWS = [
  '12345678901234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'qwertzuiop',
  'asdfghjkl',
  'zxcvbnm',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
];

/** The rows in both directions. */
export const KEYBOARD_ROWS: readonly string[] = ROWS.flatMap((row) => [row, [...row].reverse().join('')]);
