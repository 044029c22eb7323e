/**
 * Column names in the files of other systems: `# system | kind | language`, then the columns of each field in order of
 * preference, then the columns that fill no field. The first name of several with numbers is enough.
 */
export const systemColumns = `
# Google | contacts | en
name: Name
displayName: File As
firstName: Given Name | First Name
middleName: Additional Name | Middle Name
lastName: Family Name | Last Name
salutation: Name Prefix | Title
suffix: Name Suffix | Suffix
email: E-mail 1 - Value | E-mail Address | E-mail 2 Address
phone: Phone 1 - Value | Primary Phone | Business Phone | Business Phone 2 | Company Main Phone | Home Phone | Home Phone 2 | Other Phone
mobilePhone: Mobile Phone
company: Organization 1 - Name | Organization Name | Company
jobTitle: Organization 1 - Title | Organization Title | Job Title
other: Yomi Name | Given Name Yomi | Additional Name Yomi | Family Name Yomi | Initials | Nickname | Short Name | Maiden Name | Birthday | Gender | Location | Billing Information | Directory Server | Mileage | Occupation | Hobby | Sensitivity | Priority | Subject | Notes | Group Membership | E-mail 1 - Type | Phone 1 - Type | Address 1 - Type | Address 1 - Formatted | Address 1 - Street | Address 1 - City | Address 1 - PO Box | Address 1 - Region | Address 1 - Postal Code | Address 1 - Country | Address 1 - Extended Address | Organization 1 - Type | Organization 1 - Yomi Name | Organization 1 - Department | Organization 1 - Symbol | Organization 1 - Location | Organization 1 - Job Description | Website 1 - Type | Website 1 - Value | Language | Photo | Phonetic First Name | Phonetic Middle Name | Phonetic Last Name | Organization Department | Labels | E-mail 1 - Label | Phone 1 - Label | Address 1 - Label | Website 1 - Label | Event 1 - Label | Event 1 - Value | Custom Field 1 - Label | Custom Field 1 - Value | Web Page | Anniversary | Internet Free Busy | Pager | Home Fax | Home Address | Home Street | Home Street 2 | Home Address PO Box | Home City | Home State | Home Postal Code | Home Country | Spouse | Children | Manager's Name | Assistant's Name | Referred By | Business Fax | Assistant's Phone | Department | Office Location | Organizational ID Number | Profession | Account | Business Address | Business Street | Business Street 2 | Business Address PO Box | Business City | Business State | Business Postal Code | Business Country | Other Fax | Other Address | Other Street | Other Street 2 | Other Address PO Box | Other City | Other State | Other Postal Code | Other Country | Callback | Car Phone | ISDN | Radio Phone | TTY/TDD Phone | Telex | User 1 | Keywords | Private | Categories
# Outlook | contacts | en
firstName: First Name
middleName: Middle Name
lastName: Last Name
salutation: Title
suffix: Suffix
email: E-mail Address | E-mail 2 Address
phone: Business Phone | Business Phone 2 | Company Main Phone | Home Phone | Home Phone 2 | Other Phone | Primary Phone
mobilePhone: Mobile Phone
company: Company
jobTitle: Job Title
other: Department | Business Street | Business Street 2 | Business City | Business State | Business Postal Code | Business Country/Region | Home Street | Home Street 2 | Home City | Home State | Home Postal Code | Home Country/Region | Other Street | Other Street 2 | Other City | Other State | Other Postal Code | Other Country/Region | Assistant's Phone | Business Fax | Callback | Car Phone | Home Fax | ISDN | Other Fax | Pager | Radio Phone | TTY/TDD Phone | Telex | Account | Anniversary | Assistant's Name | Billing Information | Birthday | Business Address PO Box | Categories | Children | Directory Server | E-mail Type | E-mail Display Name | E-mail 2 Type | E-mail 2 Display Name | Gender | Government ID Number | Hobby | Home Address PO Box | Initials | Internet Free Busy | Keywords | Language | Location | Manager's Name | Mileage | Notes | Office Location | Organizational ID Number | Other Address PO Box | Priority | Private | Profession | Referred By | Sensitivity | Spouse | User 1 | Web Page | Nickname | Given Yomi | Surname Yomi | IMAddress | Company Yomi | Personal Web Page | Schools
# Outlook | contacts | de
firstName: Vorname
middleName: Weitere Vornamen
lastName: Nachname
salutation: Anrede
suffix: Suffix
email: E-Mail-Adresse | E-Mail 2: Adresse
phone: Telefon geschäftlich | Telefon geschäftlich 2 | Telefon Firma | Telefon (privat) | Telefon (privat 2) | Weiteres Telefon | Haupttelefon
mobilePhone: Mobiltelefon | Mobiltelefon 2
company: Firma
jobTitle: Position
other: Abteilung | Straße geschäftlich | Straße geschäftlich 2 | Ort geschäftlich | Region geschäftlich | Postleitzahl geschäftlich | Land/Region geschäftlich | Straße privat | Straße privat 2 | Ort privat | Bundesland/Kanton privat | Postleitzahl privat | Land/Region privat | Weitere Straße | Weitere Straße 2 | Weiterer Ort | Weiteres/r Bundesland/Kanton | Weitere Postleitzahl | Weiteres/e Land/Region | Telefon Assistent | Fax geschäftlich | Rückmeldung | Autotelefon | Fax privat | ISDN | Weiteres Fax | Pager | Telefon für Hörbehinderte | Telex | Abrechnungsinformation | Assistent(in) | Benutzer 1 | Beruf | Büro | E-Mail-Typ | E-Mail: Angezeigter Name | E-Mail 2: Typ | E-Mail 2: Angezeigter Name | Empfohlen von | Geburtstag | Geschlecht | Hobby | Initialen | Internet Frei/Gebucht | Jahrestag | Kategorien | Kinder | Konto | Name des/der Vorgesetzten | Notizen | Ort | Partner/in | Postfach geschäftlich | Postfach privat | Privat | Priorität | Reisekilometer | Sprache | Stichwörter | Vertraulichkeit | Verzeichnisserver | Webseite | Weiteres Postfach
# Outlook | contacts | fr
firstName: Prénom
middleName: Deuxième prénom
lastName: Nom
suffix: Suffixe
email: Adresse de messagerie | Adresse de messagerie 2 | Adresse de courrier | Adresse de courrier 2
phone: Téléphone (bureau) | Téléphone 2 (bureau) | Téléphone société | Téléphone (domicile) | Téléphone 2 (domicile) | Téléphone (autre) | Téléphone principal
mobilePhone: Tél. mobile
company: Société
other: Titre | Service | Rue (bureau) | Rue (bureau) 2 | Ville (bureau) | Dép/Région (bureau) | Code postal (bureau) | Pays/Région (bureau) | Rue (domicile) | Rue (domicile) 2 | Ville (domicile) | Dép/Région (domicile) | Code postal (domicile) | Pays/Région (domicile) | Rue (autre) | Rue (autre) 2 | Ville (autre) | Dép/Région (autre) | Code postal (autre) | Pays/Région (autre) | Téléphone de l'assistant(e) | Télécopie (bureau) | Rappel | Téléphone (voiture) | Télécopie (domicile) | RNIS | Télécopie (autre) | Récepteur de radiomessagerie | Type de messagerie | Nom complet de l'adresse de messagerie | Anniversaire | Catégories | Notes | Page Web | Profession
# Outlook | contacts | es
firstName: Nombre
middleName: Segundo nombre
lastName: Apellidos
salutation: Title
suffix: Sufijo
email: Dirección de correo electrónico | Dirección de correo electrónico 2 | Dirección del correo electrónico 3
phone: Teléfono del trabajo | Teléfono del trabajo 2 | Particular | Otro teléfono | Teléfono principal
mobilePhone: Teléfono móvil
company: Organización
jobTitle: Puesto
other: Departamento | Calle del trabajo | Ciudad de trabajo | Provincia o estado de trabajo | Código postal del trabajo | País o región del trabajo | Otra calle | Otra ciudad | Otra provincia o estado | Otro código postal | Otro fax | Notas | Página web
# Outlook | contacts | it
firstName: Nome
middleName: Secondo Nome
lastName: Cognome
salutation: Titolo
email: Indirizzo E-mail | Indirizzo E-mail 2
phone: Telefono di Lavoro | Telefono di Lavoro 2 | Telefono di casa | Telefono Principale
mobilePhone: Telefono Mobile
company: Società
jobTitle: Qualifica
other: Città di lavoro | Nazione/Regione di lavoro | Note | Pagina Web
# Outlook | contacts | pt
firstName: Primeiro nome
middleName: Nome do meio
lastName: Último nome
salutation: Título
email: Endereço de E-mail | Endereço de E-mail 2
phone: Fone comercial | Fone comercial 2 | Fone de casa | Fone Primario
mobilePhone: Celular
company: Empresa
jobTitle: Cargo
other: Cidade comercial | Região/País comercial | Notas | Página Web
# Thunderbird | contacts | en
displayName: Display Name
firstName: First Name
lastName: Last Name
email: Primary Email | Secondary Email
phone: Work Phone | Home Phone
mobilePhone: Mobile Number
company: Organization | Organisation
jobTitle: Job Title
other: Nickname | Screen Name | Fax Number | Pager Number | Home Address | Home Address 2 | Home City | Home State | Home ZipCode | Home Country | Work Address | Work Address 2 | Work City | Work State | Work ZipCode | Work Country | Department | Web Page 1 | Birth Year | Birth Month | Birth Day | Custom 1 | Notes | Home County | Home Post Code | Work County | Work Post Code
# Thunderbird | contacts | de
displayName: Anzeigename
firstName: Vorname
lastName: Nachname
email: Primäre E-Mail-Adresse | Sekundäre E-Mail-Adresse
phone: Tel. dienstlich | Tel. privat
mobilePhone: Mobil-Tel.-Nr.
company: Organisation
jobTitle: Arbeitstitel
other: Spitzname | Messenger-Name | Fax-Nummer | Pager-Nummer | Privat: Adresse | Privat: Adresse 2 | Privat: Ort | Privat: Bundesland | Privat: PLZ | Privat: Land | Dienstlich: Adresse | Dienstlich: Adresse 2 | Dienstlich: Ort | Dienstlich: Bundesland | Dienstlich: PLZ | Dienstlich: Land | Abteilung | Webseite 1 | Geburtsjahr | Geburtsmonat | Geburtstag | Benutzerdef. 1 | Notizen
# Thunderbird | contacts | fr
displayName: Nom à afficher
firstName: Prénom
lastName: Nom
email: Adresse électronique principale | Adresse électronique secondaire
phone: Tél. professionnel
mobilePhone: Portable
company: Société
jobTitle: Fonction
other: Surnom | Fax | Pager | Adresse privée | Adresse professionnelle | Service | Site Web 1 | Notes
# LinkedIn | contacts | en
firstName: First Name
lastName: Last Name
email: Email Address
company: Company
jobTitle: Position
other: URL | Connected On
# Apple | contacts | en
name: Full name
firstName: First name
middleName: Middle name
lastName: Last name
salutation: Prefix
suffix: Suffix
email: Email (work) | Email (home) | Email (other)
phone: Phone (work) | Phone (main) | Phone (home)
mobilePhone: Phone (mobile) | Phone (iPhone)
company: Company
jobTitle: Job title
other: Nickname | Department | Address (work) | City (work) | Country (work) | URL (home page) | Birthday | Note
# vCard | contacts | en
name: FN
email: EMAIL
phone: TEL
company: ORG
jobTitle: TITLE
other: N | NICKNAME | ADR | URL | NOTE
# Salesforce | contacts | en
name: Name
firstName: First Name
middleName: MiddleName
lastName: Last Name
salutation: Salutation
suffix: Suffix
email: Email
phone: Phone | HomePhone | OtherPhone
mobilePhone: Mobile | MobilePhone
company: Account Name | Company
jobTitle: Title
owner: Account Owner | Contact Owner
other: Mailing Street | Mailing City | Mailing State/Province | Mailing Zip/Postal Code | Mailing Country | Fax | Id | IsDeleted | AccountId | MailingState | MailingPostalCode | AssistantPhone | ReportsToId | Department | AssistantName | LeadSource | Birthdate | Description | OwnerId | CreatedDate | Status | City | Country | Website | Industry | NumberOfEmployees | Rating
# HubSpot | contacts | en
firstName: First Name
lastName: Last Name
email: Email
phone: Phone Number | phone
mobilePhone: Mobile Phone Number
company: Associated Company | Company Name | company
jobTitle: Job Title
owner: Contact owner
other: Record ID | Lead Status | Create Date | Last Modified Date | Lifecycle Stage | City | State/Region | Postal Code | Country/Region | Website URL | Associated Company IDs | Associated Deal | Associated Deal IDs | Last Activity Date | Record ID - Contact | Marketing contact status | Record ID - Company | Company owner | hs_object_id
# Pipedrive | contacts | en
name: Person - Name
firstName: Person - First name
lastName: Person - Last name
email: Person - Email - Work | Person - Email - Home | Person - Email - Other | Person - Email
phone: Person - Phone - Work | Person - Phone - Home | Person - Phone - Other | Person - Phone
mobilePhone: Person - Phone - Mobile
company: Person - Organization | Organization - Name
jobTitle: Person - Title | Person - Job title | Person - Position
owner: Person - Owner
other: Person - ID | Person - Label | Person - City | Person - Website | Person - Marketing status | Person - Person created | Note
# Pipedrive | contacts | cs
name: Osoba - Jméno a příjmení
firstName: Osoba - Jméno
lastName: Osoba - Příjmení
email: Osoba - E-mail - Práce | Osoba - E-mail - Domov | Osoba - E-mail - Ostatní
phone: Osoba - Telefon - Práce | Osoba - Telefon - Domov | Osoba - Telefon - Ostatní
mobilePhone: Osoba - Telefon - Mobil
jobTitle: Osoba - Pozice
# Zoho | contacts | en
name: Contact Name
firstName: First Name
lastName: Last Name
email: Email | Secondary Email
phone: Phone | Home Phone | Other Phone
mobilePhone: Mobile
company: Account Name
jobTitle: Title
owner: Contact Owner
other: Record Id | Contact Owner.id | Lead Source | Account Name.id | Vendor Name.id | Vendor Name | Department | Created By.id | Created By | Modified By.id | Modified By | Created Time | Modified Time | Mailing Street | Mailing City | Mailing State | Mailing Zip | Mailing Country | Email Opt Out
# Dynamics | contacts | en
name: Full Name
firstName: First Name
lastName: Last Name
email: Email | emailaddress1
phone: Business Phone | telephone1
mobilePhone: Mobile Phone
company: Company Name
jobTitle: Job Title
owner: Owner
other: (Do Not Modify) Contact | (Do Not Modify) Row Checksum | (Do Not Modify) Modified On | contactid | address1_city | address1_country | description
# Freshsales | contacts | en
firstName: First name
lastName: Last name
email: Emails
phone: Work
mobilePhone: Mobile
company: Accounts
jobTitle: Job title
owner: Sales owner
other: Id | Address | City | State | Zipcode | Country | Tags | Lifecycle stage | Created at
# Copper | contacts | en
name: Name
email: Email
phone: Phone Number
company: Company
jobTitle: Title
owner: Owned By
other: Copper ID | Email Type | Phone Number Type | Street | City | State | Postal Code | Country | Tags | Details
# Mailchimp | contacts | en
firstName: First Name | FNAME
lastName: Last Name | LNAME
email: Email Address | EMAIL
phone: Phone Number | PHONE
other: Address | Birthday | MEMBER_RATING | OPTIN_TIME | OPTIN_IP | CONFIRM_TIME | CONFIRM_IP | LATITUDE | LONGITUDE | GMTOFF | DSTOFF | TIMEZONE | CC | REGION | LAST_CHANGED | LEID | EUID | NOTES | TAGS | UNSUB | BOUNCE | STATUS
# Shopify | contacts | en
firstName: First Name
lastName: Last Name
email: Email
phone: Phone | Default Address Phone
company: Default Address Company | Company
other: Customer ID | Accepts Email Marketing | Default Address Address1 | Default Address City | Default Address Province Code | Default Address Country Code | Default Address Zip | Accepts SMS Marketing | Total Spent | Total Orders | Note | Tax Exempt | Tags | Address1 | City | Province | Province Code | Country | Country Code | Zip
# Calendly | contacts | en
name: Invitee Name
firstName: Invitee First Name
lastName: Invitee Last Name
email: Invitee Email
phone: Text Reminder Number
owner: User Name
other: Team | Invitee Time Zone | Invitee accepted marketing emails | Event Type Name | Start Date & Time | End Date & Time | Location | Event Created Date & Time | Canceled | Canceled By | Cancellation reason | Question 1 | Response 1 | Guest Email(s)
# Salesforce | companies | en
company: Account Name
domain: Website
industry: Industry
employees: Employees
city: Billing City | Shipping City
country: Billing Country | Shipping Country
other: Annual Revenue | Type | Ticker Symbol | Rating | SIC Code | Ownership | Description | Billing Street | Billing State/Province | Billing Zip/Postal Code | Shipping Street | Shipping State | Shipping Zip/Postal Code | Phone | Fax | Created Date
# HubSpot | companies | en
company: Company name
domain: Company Domain Name | Domain | Website URL
industry: Industry
employees: Number of Employees
city: City
country: Country/Region
owner: Company owner
other: Record ID | Phone Number | State/Region | Annual Revenue | Create Date | Description
# Pipedrive | companies | en
company: Organization - Name
domain: Organization - Website
industry: Organization - Industry
employees: Organization - Number of employees
city: Organization - City/town/village/locality of Address
country: Organization - Country of Address
owner: Organization - Owner
other: Organization - ID | Organization - Labels | Organization - Address | Organization - Region of Address | Organization - ZIP/Postal code of Address | Organization - LinkedIn profile | Organization - Annual revenue | Organization - Last activity date
# Zoho | companies | en
company: Account Name
domain: Website
industry: Industry
employees: Employees
city: Billing City
country: Billing Country
owner: Account Owner
other: Record Id | Account Owner.id | Phone | Annual Revenue | Created Time | Billing Street | Billing State | Billing Code | Description
# Dynamics | companies | en
company: Account Name
domain: Website
industry: Industry
employees: Number of Employees
city: Address 1: City
country: Address 1: Country/Region
owner: Owner
other: (Do Not Modify) Account | (Do Not Modify) Row Checksum | (Do Not Modify) Modified On | Main Phone | Primary Contact | Description
# Salesforce | deals | en
dealTitle: Opportunity Name | Name
stage: Stage | StageName
value: Amount
currency: Amount Currency | CurrencyIsoCode
closeDate: Close Date
company: Account Name
contact: Primary Contact
owner: Opportunity Owner
other: Opportunity ID | Probability (%) | Created Date | Type | Lead Source | Description | Id | AccountId | OwnerId
# HubSpot | deals | en
dealTitle: Deal Name
stage: Deal Stage
value: Amount
currency: Currency
closeDate: Close Date
company: Associated Company
contact: Associated Contact
owner: Deal owner
other: Record ID | Pipeline | Associated Company IDs | Associated Contact IDs | Last Activity Date
# Pipedrive | deals | en
dealTitle: Deal - Title
stage: Deal - Stage | Deal - Stage (pipeline) | Deal - Status
value: Deal - Value
currency: Deal - Currency | Deal - Currency of value
closeDate: Deal - Expected close date
company: Deal - Organization
contact: Deal - Contact person
owner: Deal - Owner
other: Deal - ID | Deal - Pipeline | Deal - Probability | Deal - Label | Deal - Deal created | Deal - Lost reason
# Pipedrive | deals | cs
dealTitle: Deal - Název | Obchod - Název
stage: Obchod - Fáze
value: Deal - Hodnota | Obchod - Hodnota
currency: Obchod - Měna hodnoty
closeDate: Obchod - Očekávané datum uzavření
company: Deal - Organizace
contact: Deal - Kontaktní osoba
other: Obchod - Stav
# Zoho | deals | en
dealTitle: Deal Name
stage: Stage
value: Amount
currency: Currency
closeDate: Closing Date
company: Account Name
contact: Contact Name
owner: Deal Owner
other: Record Id | Deal Owner.id | Account Name.id | Contact Name.id | Pipeline | Probability (%) | Lead Source
# Dynamics | deals | en
dealTitle: Topic
stage: Pipeline Phase
value: Est. Revenue
currency: Currency
closeDate: Est. Close Date
company: Account | Potential Customer
contact: Contact
owner: Owner
other: (Do Not Modify) Opportunity | (Do Not Modify) Row Checksum | (Do Not Modify) Modified On | Probability | Status
# Freshsales | deals | en
dealTitle: Deal name
stage: Deal stage
value: Deal value
currency: Currency
closeDate: Expected close date
company: Account
contact: Related contacts
owner: Sales owner
other: Id | Pipeline
`;
