"""Names for people who do not exist. Surnames are invented; first names are everybody's."""

SURNAMES = tuple(
    """
    Aubrelle Auvernois Barbançay Beaulardon Bergerette Blanvillard Boisrenoult Bonnesauve Bourdelin Brésillac Brunevald
    Cardonnel Castérou Chamberland Chantemerle Charvelin Clairvoye Combelasse Cordevant Courtevoie Coutançais Crèvelune
    Daubigneux Delabrume Demerval Desormaux Dubosquel Duchâtelard Dufrênois Dumoutel Durandeau Escoubère Estrévalle
    Fauchelin Ferrandais Fontanrose Fourcadel Garancelle Gaudremont Girouflet Grandpierron Grosjanvier Guérimont
    Hautefaye Hénaudin Jolivaux Jourdelain Kervéguen Lafontelle Laguiranne Lamberteau Larrivaud Lavergnole Lecouteux
    Legrandin Lemarquand Levasseray Maisonrouge Malaterre Marchandeau Mazelaygue Merleval Montabret Morinière
    Nouvelaire Oréfice Palluau Parmentelle Pelissoire Peyrolade Pontavic Poulaillon Quentrevaux Rabastel Ravinelle
    Rémusault Rochevive Rougemontet Roussetière Sabatelle Sainclivier Sauvageot Séguéla Tardivelle Tisserandeau Touvet
    Valbrune Vauquelard Verdelhan Vieilleroche Villeclaire Zeghoudi Benyoucef Diarrassou Ferreirinha Nguyenval Ozdemirel
    """.split()  # noqa: SIM905 - names read better as a paragraph than as a hundred quoted words
)

FIRST_NAMES = tuple(
    """
    Adèle Agnès Aïcha Alice Amélie Anaïs Anne-Laure Apolline Béatrice Camille Capucine Céleste Chloé Claire Clémence
    Delphine Éléonore Élise Élodie Emma Fatou Françoise Gaëlle Geneviève Hélène Inès Jeanne Joséphine Jade Léa Léonie
    Louise Lucie Maëlys Manon Margaux Mathilde Maya Mireille Monique Nadia Noémie Océane Odette Pauline Romane Sabrina
    Salomé Solène Sylvie Thérèse Valérie Yasmina Zoé Adrien Alexis Amaury André Antoine Arthur Aurélien Baptiste Bernard
    Benoît Cédric Clément Damien Driss Émile Étienne Félix Florian François Gabriel Gaël Georges Gérard Grégoire Hugo
    Idriss Jean-Luc Jérôme Joël Jules Karim Léo Loïc Louis Lucas Malo Marcel Mathéo Maxence Mehdi Nathan Noé Olivier
    Pascal Quentin Raphaël Rémi René Sacha Samuel Sébastien Stéphane Théo Thibault Timothée Ulysse Valentin Yann Yves
    """.split()  # noqa: SIM905 - as above
)
