/** Column names in fr, es, it, pt, by the field that they can mean. */
export const romanceWords = {
  fr: `
name: Nom complet | Nom et prénom | Prénom et nom | Contact | Nom du contact | Client
displayName: Nom à afficher
firstName: Prénom | Prénoms
middleName: Deuxième prénom | Autre prénom | Second prénom
lastName: Nom | Nom de famille | Nom de naissance
salutation: Civilité | Titre
email: E-mail | Courriel | Mail | Adresse e-mail | Adresse mail | Adresse électronique | Adresse de messagerie | Adresse de courrier | Mél | E-mail professionnel | E-mail personnel
phone: Téléphone | Tél | Numéro de téléphone | Téléphone fixe | Tél. professionnel | Téléphone (bureau) | Téléphone professionnel | Téléphone domicile | Tél. fixe | Ligne directe
mobilePhone: Portable | Mobile | Tél. mobile | Téléphone mobile | Téléphone portable | GSM | Tél. portable
company: Société | Entreprise | Organisation | Raison sociale | Compte | Nom de l'entreprise | Employeur
jobTitle: Fonction | Poste | Titre | Intitulé du poste | Titre du poste | Profession
owner: Propriétaire | Responsable | Commercial | Attribué à | Gestionnaire
domain: Domaine | Nom de domaine
website: Site web | Site internet | Page Web | Site | URL
industry: Secteur | Secteur d'activité | Industrie | Branche
employees: Effectif | Effectifs | Nombre d'employés | Nombre de salariés | Salariés
city: Ville | Commune | Localité | Ville (bureau)
country: Pays | Pays/Région | Pays/Région (bureau)
dealTitle: Affaire | Opportunité | Nom de l'affaire | Intitulé | Transaction | Titre
value: Montant | Valeur | Total | Chiffre d'affaires
currency: Devise | Monnaie
stage: Étape | Phase | Stade | Statut
closeDate: Date de clôture | Date de clôture prévue | Clôture | Date de signature
contact: Contact | Interlocuteur | Personne à contacter
other: Notes | Remarques | Commentaire | Commentaires | Observations | Description | Rue | Adresse | Adresse postale | Code postal | CP | Région | Département | Province | État | Étiquettes | Mots-clés | Tags | Catégories | Libellés | Fax | Télécopie | Télécopieur | Service | Direction
`,
  es: `
name: Nombre completo | Nombre y apellidos | Contacto | Nombre del contacto | Cliente
displayName: Nombre en pantalla
firstName: Nombre | Nombres | Nombre de pila | Primer nombre
middleName: Segundo nombre
lastName: Apellidos | Apellido | Primer apellido | Apellido paterno
salutation: Tratamiento | Título | Saludo | Trato
email: Correo electrónico | Correo | Email | Dirección de correo electrónico | Dirección de e-mail | Mail | Correo de trabajo
phone: Teléfono | Tel. | Número de teléfono | Teléfono fijo | Teléfono del trabajo | Teléfono de trabajo | Teléfono particular
mobilePhone: Móvil | Teléfono móvil | Celular | Teléfono celular | Nº móvil
company: Empresa | Compañía | Organización | Razón social | Cuenta | Sociedad
jobTitle: Cargo | Puesto | Puesto de trabajo | Título | Función | Posición
owner: Propietario | Responsable | Asignado a | Comercial | Vendedor
domain: Dominio
website: Sitio web | Página web | Web | Página
industry: Sector | Industria | Ramo
employees: Empleados | Número de empleados | Nº de empleados | Plantilla
city: Ciudad | Población | Localidad | Municipio | Ciudad de trabajo
country: País | País o región | País o región del trabajo
dealTitle: Negocio | Oportunidad | Nombre del negocio | Título | Trato | Operación
value: Importe | Valor | Monto | Cantidad
currency: Moneda | Divisa
stage: Etapa | Fase | Estado
closeDate: Fecha de cierre | Fecha de cierre prevista | Fecha estimada de cierre
contact: Contacto | Persona de contacto
other: Notas | Nota | Observaciones | Comentarios | Descripción | Calle | Dirección | Domicilio | Código postal | CP | Provincia | Estado | Región | Comunidad | Etiquetas | Categorías | Grupos | Fax | Departamento | Área
`,
  it: `
name: Nome completo | Nome e cognome | Nominativo | Contatto | Cliente
displayName: Nome visualizzato
firstName: Nome | Nome di battesimo
middleName: Secondo nome
lastName: Cognome
salutation: Titolo | Appellativo | Saluto | Formula di cortesia
email: E-mail | Posta elettronica | Indirizzo e-mail | Indirizzo di posta elettronica | Mail | PEC
phone: Telefono | Tel. | Numero di telefono | Telefono ufficio | Telefono fisso | Telefono di Lavoro | Telefono casa
mobilePhone: Cellulare | Telefono cellulare | Telefono Mobile | Numero cellulare | Cell.
company: Azienda | Società | Organizzazione | Ragione sociale | Ditta | Impresa
jobTitle: Qualifica | Posizione | Ruolo | Mansione | Titolo professionale
owner: Proprietario | Responsabile | Assegnato a | Commerciale
domain: Dominio
website: Sito web | Pagina Web | Sito | Sito internet
industry: Settore | Industria | Settore di attività
employees: Dipendenti | Numero di dipendenti | N. dipendenti | Addetti
city: Città | Località | Comune | Città di lavoro
country: Paese | Nazione | Stato | Nazione/Regione di lavoro
dealTitle: Trattativa | Opportunità | Affare | Titolo | Oggetto
value: Valore | Importo | Ammontare
currency: Valuta | Moneta
stage: Fase | Stadio | Stato
closeDate: Data di chiusura | Data chiusura prevista
contact: Contatto | Referente | Persona di contatto
other: Note | Nota | Commenti | Descrizione | Osservazioni | Via | Indirizzo | CAP | Codice postale | Provincia | Regione | Etichette | Tag | Categorie | Fax | Numero fax | Reparto | Ufficio | Dipartimento
`,
  pt: `
name: Nome completo | Nome e apelido | Contato | Contacto | Cliente
displayName: Nome a apresentar | Mostrar nome
firstName: Nome | Nome próprio | Primeiro nome | Nome de batismo
middleName: Nome do meio | Segundo nome
lastName: Apelido | Sobrenome | Último nome | Nome de família
salutation: Tratamento | Título | Saudação | Pronome de tratamento
email: E-mail | Correio eletrónico | Endereço de e-mail | Correio electrónico | E-mail comercial
phone: Telefone | Tel. | Fone | Número de telefone | Telefone comercial | Telefone fixo | Telefone de casa | Fone comercial
mobilePhone: Celular | Telemóvel | Telefone celular | Telefone móvel
company: Empresa | Organização | Companhia | Razão social | Conta
jobTitle: Cargo | Função | Posição | Título profissional
owner: Proprietário | Responsável | Atribuído a | Vendedor
domain: Domínio
website: Site | Website | Página Web | Sítio Web | Página da Web
industry: Setor | Sector | Indústria | Ramo
employees: Funcionários | Número de funcionários | Colaboradores | N.º de empregados
city: Cidade | Localidade | Município | Cidade comercial
country: País | País/região | Região/País comercial
dealTitle: Negócio | Oportunidade | Título | Nome do negócio
value: Valor | Montante | Quantia
currency: Moeda | Divisa
stage: Etapa | Fase | Estágio
closeDate: Data de fechamento | Data de fecho | Data prevista de fechamento
contact: Contato | Contacto | Pessoa de contato
other: Notas | Observações | Comentários | Anotações | Descrição | Rua | Endereço | Morada | Logradouro | CEP | Código postal | Estado | Distrito | Província | UF | Etiquetas | Marcadores | Tags | Categorias | Fax | Departamento | Setor
`,
} as const;
