/** Column names in en, de, nl, sv, da, nb, by the field that they can mean. */
export const germanicWords = {
  en: `
name: Name | Full Name | Contact Name | Contact | Customer Name | Client Name | Person | Attendee
displayName: Display Name | File As
firstName: First Name | Given Name | Given Names | Forename | First | Christian Name
middleName: Middle Name | Middle Initial | Second Given Name | Additional Name | Middle
lastName: Last Name | Surname | Family Name | Last | Second Name
salutation: Salutation | Prefix | Honorific | Name Prefix | Courtesy Title | Mr/Mrs
email: Email | E-Mail Address | Mail | Email 1 | Primary Email | Work Email | Business Email | Personal Email | Contact Email | Customer Email | Email Id | Email (Primary) | Email - Work | Email Adress | E-mail 1 - Value
phone: Phone | Telephone | Tel | Phone Number | Telephone Number | Work Phone | Business Phone | Office Phone | Direct | Direct Line | Direct Dial | Landline | Home Phone | Primary Phone | Phone 1 | Contact Number | Phone (Work) | Direct Phone | Main Phone | Phone No. | Phone 1 - Value
mobilePhone: Mobile | Mobile Phone | Cell | Cell Phone | Mobile Number | Handphone | Cell Number | WhatsApp
company: Company | Company Name | Organization | Organisation | Organization Name | Account | Account Name | Employer | Business | Business Name | Firm | Client | Associated Company | Organization 1 - Name
jobTitle: Job Title | Title | Position | Role | Job | Function | Job Position | Occupation | Designation | Organization Title | Organization 1 - Title
owner: Owner | Contact Owner | Account Owner | Assigned To | Sales Rep | Account Manager | Responsible
domain: Domain | Company Domain | Company Domain Name | Email Domain | Website Domain
website: Website | Web Page | URL | Homepage | Web | Site
industry: Industry | Sector | Branch | Vertical | Line of Business
employees: Employees | Number of Employees | No. of Employees | # Employees | Headcount | Employee Count | Company Size | Staff
city: City | Town | Town/City | Locality | Business City | Work City | Mailing City
country: Country | Country/Region | Country Name | Nation | Business Country | Mailing Country
dealTitle: Deal | Deal Name | Deal Title | Opportunity | Opportunity Name | Title | Subject | Topic | Project
value: Value | Amount | Deal Value | Deal Size | Revenue | Price | Total | Est. Revenue
currency: Currency | Currency Code | Curr. | ISO Currency
stage: Stage | Deal Stage | Pipeline Stage | Sales Stage | Phase | Step
closeDate: Close Date | Closing Date | Expected Close Date | Est. Close Date | Expected Closing | Due
contact: Contact | Contact Person | Contact Name | Primary Contact | Person
other: Notes | Note | Comments | Comment | Remarks | Description | Memo | Info | Street | Address | Address 1 | Street Address | Address Line 1 | Postal Code | ZIP | Zip Code | Post Code | State | Region | Province | County | State/Region | Tags | Labels | Categories | Groups | Keywords | Segment | Row | Reason | Fax | Fax Number | Business Fax | Department | Dept | Division | Team
`,
  de: `
name: Name | Vollständiger Name | Kontakt | Kontaktname | Ansprechpartner | Kunde | Kundenname | Vor- und Nachname
displayName: Anzeigename
firstName: Vorname | Vornamen | Rufname
middleName: Zweiter Vorname | Weitere Vornamen | Mittelname
lastName: Nachname | Familienname | Name | Zuname
salutation: Anrede | Titel | Akad. Titel | Akademischer Titel
email: E-Mail | E-Mail-Adresse | Mail | Mailadresse | E-Mail geschäftlich | E-Mail privat | E-Mail 1 | Primäre E-Mail-Adresse
phone: Telefon | Tel | Telefonnummer | Rufnummer | Festnetz | Telefon geschäftlich | Telefon privat | Durchwahl | Telefon 1 | Tel. dienstlich
mobilePhone: Mobil | Mobiltelefon | Handy | Handynummer | Mobilnummer | Mobilfunk | Mobil-Tel.-Nr. | Natel
company: Firma | Firmenname | Unternehmen | Organisation | Arbeitgeber | Betrieb | Gesellschaft
jobTitle: Position | Funktion | Jobtitel | Berufsbezeichnung | Stellung | Rolle | Tätigkeit | Stelle
owner: Besitzer | Inhaber | Zuständig | Betreuer | Verantwortlich | Kundenbetreuer | Eigentümer
domain: Domain | Domäne | Internetdomäne
website: Webseite | Website | Internet | Homepage | Internetadresse | Web
industry: Branche | Industrie | Wirtschaftszweig
employees: Mitarbeiter | Mitarbeiterzahl | Anzahl Mitarbeiter | Beschäftigte
city: Ort | Stadt | Wohnort | Ort geschäftlich | PLZ/Ort
country: Land | Staat | Land/Region | Land/Region geschäftlich
dealTitle: Titel | Geschäft | Deal | Verkaufschance | Auftrag | Projekt | Bezeichnung
value: Wert | Betrag | Summe | Volumen | Auftragswert | Umsatz
currency: Währung | Währungscode
stage: Phase | Stufe | Status | Verkaufsphase
closeDate: Abschlussdatum | Erwartetes Abschlussdatum | Abschluss | Fällig am
contact: Kontakt | Ansprechpartner | Kontaktperson
other: Notizen | Notiz | Bemerkung | Bemerkungen | Kommentar | Anmerkung | Beschreibung | Straße | Adresse | Anschrift | Straße und Hausnummer | PLZ | Postleitzahl | Bundesland | Kanton | Region | Schlagwörter | Tags | Kategorien | Gruppen | Stichwörter | Fax | Faxnummer | Telefax | Fax geschäftlich | Abteilung | Bereich
`,
  nl: `
name: Naam | Volledige naam | Contact | Contactnaam | Klant
displayName: Weergavenaam
firstName: Voornaam | Voornamen | Roepnaam
middleName: Tussenvoegsel | Tweede voornaam | Middelste naam
lastName: Achternaam | Familienaam
salutation: Aanhef | Titel | Aanspreektitel
email: E-mail | E-mailadres | Mail | E-mail werk | Zakelijk e-mailadres
phone: Telefoon | Tel | Telefoonnummer | Vast nummer | Telefoon werk | Telefoon op werk | Telefoon thuis | Telefoon zakelijk
mobilePhone: Mobiel | Mobiele telefoon | Mobiel nummer | Gsm | 06-nummer
company: Bedrijf | Bedrijfsnaam | Organisatie | Onderneming | Werkgever | Firma
jobTitle: Functie | Functietitel | Rol | Positie | Beroep
owner: Eigenaar | Verantwoordelijke | Accountmanager | Toegewezen aan
domain: Domein | Domeinnaam
website: Website | Webpagina | Internetadres
industry: Branche | Sector | Bedrijfstak
employees: Medewerkers | Aantal medewerkers | Aantal werknemers | Werknemers
city: Plaats | Woonplaats | Stad | Vestigingsplaats
country: Land | Land/regio
dealTitle: Deal | Deal naam | Titel | Verkoopkans | Opdracht | Project
value: Waarde | Bedrag | Omzet
currency: Valuta | Munt
stage: Fase | Stadium | Status
closeDate: Sluitingsdatum | Verwachte sluitingsdatum | Afsluitdatum
contact: Contactpersoon | Contact
other: Notities | Opmerkingen | Opmerking | Notitie | Omschrijving | Straat | Adres | Straatnaam | Postcode | Provincie | Regio | Labels | Tags | Categorieën | Groepen | Fax | Faxnummer | Afdeling
`,
  sv: `
name: Namn | Fullständigt namn | Kontakt | Kontaktnamn | Kund
displayName: Visningsnamn
firstName: Förnamn | Tilltalsnamn
middleName: Mellannamn
lastName: Efternamn | Släktnamn
salutation: Titel | Tilltal | Hälsning
email: E-post | E-postadress | Email | Mejl | Mejladress
phone: Telefon | Tel | Telefonnummer | Arbetstelefon | Hemtelefon | Fast telefon | Telefon, arbete
mobilePhone: Mobil | Mobiltelefon | Mobilnummer | Mobilnr
company: Företag | Företagsnamn | Organisation | Bolag | Arbetsgivare
jobTitle: Befattning | Titel | Roll | Position | Yrkestitel | Jobbtitel
owner: Ägare | Ansvarig | Kundansvarig | Säljare
domain: Domän
website: Webbplats | Webbsida | Hemsida | Webb
industry: Bransch | Sektor
employees: Anställda | Antal anställda | Medarbetare
city: Ort | Stad | Postort
country: Land | Land/region
dealTitle: Affär | Affärsmöjlighet | Affärsnamn | Titel
value: Värde | Belopp | Summa
currency: Valuta
stage: Fas | Steg | Status
closeDate: Avslutsdatum | Förväntat avslutsdatum
contact: Kontaktperson | Kontakt
other: Anteckningar | Noteringar | Kommentar | Kommentarer | Beskrivning | Gata | Gatuadress | Adress | Postnummer | Postnr | Län | Region | Taggar | Etiketter | Kategorier | Fax | Faxnummer | Avdelning
`,
  da: `
name: Navn | Fulde navn | Kontakt | Kontaktnavn | Kunde
displayName: Vist navn
firstName: Fornavn | Fornavne
middleName: Mellemnavn
lastName: Efternavn | Familienavn
salutation: Titel | Tiltale
email: E-mail | E-mailadresse | Mail | E-post
phone: Telefon | Tlf | Telefonnummer | Arbejdstelefon | Telefon (arbejde) | Privattelefon | Fastnet
mobilePhone: Mobil | Mobiltelefon | Mobilnummer | Mobilnr.
company: Firma | Virksomhed | Firmanavn | Virksomhedsnavn | Organisation | Arbejdsgiver
jobTitle: Stilling | Stillingsbetegnelse | Titel | Rolle | Jobtitel
owner: Ejer | Ansvarlig | Kundeansvarlig | Sælger
domain: Domæne
website: Hjemmeside | Websted | Webside | Website
industry: Branche | Sektor
employees: Ansatte | Antal ansatte | Medarbejdere
city: By | Postdistrikt
country: Land | Land/område
dealTitle: Aftale | Salgsmulighed | Handel | Titel
value: Værdi | Beløb
currency: Valuta
stage: Fase | Trin | Status
closeDate: Lukkedato | Forventet lukkedato
contact: Kontaktperson | Kontakt
other: Noter | Bemærkninger | Kommentar | Kommentarer | Beskrivelse | Gade | Adresse | Vej | Postnummer | Postnr. | Region | Tags | Etiketter | Kategorier | Fax | Afdeling
`,
  nb: `
name: Navn | Fullt navn | Kontakt | Kontaktnavn | Kunde
displayName: Visningsnavn
firstName: Fornavn
middleName: Mellomnavn
lastName: Etternavn | Familienavn
salutation: Tittel | Tiltale
email: E-post | E-postadresse | Email | Mail
phone: Telefon | Tlf | Telefonnummer | Arbeidstelefon | Telefon arbeid | Privattelefon | Fasttelefon
mobilePhone: Mobil | Mobiltelefon | Mobilnummer | Mobilnr
company: Firma | Bedrift | Selskap | Organisasjon | Firmanavn | Arbeidsgiver
jobTitle: Stilling | Stillingstittel | Tittel | Rolle | Jobbtittel
owner: Eier | Ansvarlig | Kundeansvarlig | Selger
domain: Domene
website: Nettsted | Nettside | Hjemmeside | Webside
industry: Bransje | Sektor
employees: Ansatte | Antall ansatte | Medarbeidere
city: Sted | By | Poststed
country: Land | Land/område
dealTitle: Avtale | Salgsmulighet | Tittel
value: Verdi | Beløp | Sum
currency: Valuta
stage: Fase | Trinn | Status
closeDate: Lukkedato | Forventet lukkedato | Sluttdato
contact: Kontaktperson | Kontakt
other: Notater | Merknader | Kommentar | Kommentarer | Beskrivelse | Gate | Adresse | Gateadresse | Postnummer | Postnr | Fylke | Region | Etiketter | Tagger | Kategorier | Faks | Telefaks | Avdeling
`,
} as const;
